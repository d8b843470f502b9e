import { readFileSync } from 'node:fs'

/** A block of code in a page. */
export interface Block {
  language: string
  code: string
  /** The file that its first line names, as in `// my-model.ts`. */
  file?: string
}

/** The blocks of code of a Markdown file, in their order. */
export function codeBlocks(page: string): Block[] {
  return [...readFileSync(page, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, code]) => {
    const file = code!.match(/^(?:\/\/|#) ([\w./-]+\.\w+)\n/)?.[1]
    return { language: language!, code: code!, ...(file && { file }) }
  })
}

/** The commands of a shell block, without comments; a command is its words. */
export const commandsOf = (code: string): string[][] =>
  code
    .replaceAll(/\\\n/g, ' ')
    .split(/\n|&&/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c!))
