import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { siteLink } from '../site/.vitepress/pages.js'
import { root } from './packages.js'

const sections: [file: string, heading: string][] = [
  ['packages/backend-onnxruntime/README.md', 'How fast'],
  ['packages/backend-onnxruntime/README.md', 'On a GPU'],
  ['packages/gan-colorize/README.md', 'Presets'],
  ['packages/monitors/README.md', 'Cost'],
  ['packages/training/README.md', 'What it costs'],
  ['packages/search/README.md', 'Samplers'],
]

/** The part of a page below a heading of the second level. */
function section(file: string, heading: string): string {
  const [, text] = readFileSync(join(root, file), 'utf8').split(`\n## ${heading}\n`)
  if (text === undefined)
    throw new Error(`benchmarksPage: expected "## ${heading}" in ${file}. Mend the list of sections.`)
  return text.split(/^## /m)[0]!.trim()
}

const linksFromRoot = (text: string, file: string) =>
  text.replace(/\]\(([^)\s]+)\)/g, (_, target) => `](${siteLink(file, target) ?? '/'})`)

/** All figures of speed and quality, from the READMEs that measure them. */
export function benchmarksPage(): string {
  const parts = sections.map(([file, heading]) => {
    const name = file.split('/')[1]
    const text = linksFromRoot(section(file, heading), file).replace(/^### /gm, '#### ')
    return `## ${name}: ${heading.toLowerCase()}\n\nFrom [@dlkit/${name}](/packages/${name}).\n\n${text}\n`
  })
  return `# Benchmarks\n\nWhat was measured, on which machine, when, and with which command; nothing is estimated.\n\n${parts.join('\n')}`
}
