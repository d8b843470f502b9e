// Runs small TypeScript programs of documentation, one after the other in one process, as a reader would run each.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { root } from './packages.js'

export interface Ended {
  name: string
  printed: string
  /** What it threw; undefined where it ended well. */
  error?: string
}

/** @param programs TypeScript by name; packages of the repository resolve to their sources. */
export function runPrograms(programs: Readonly<Record<string, string>>): Ended[] {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'programs-'))
  try {
    const files = Object.entries(programs).map(([name, code], index) => {
      const file = join(folder, `${index}.mjs`)
      writeFileSync(file, transformSync(code, { loader: 'ts', format: 'esm', target: 'node20' }).code)
      return { name, file }
    })
    const flags = [
      '--conditions=@dlkit/source',
      '--import=tsx',
      `--import=${join(root, 'scripts/seed-random.js')}`,
    ]
    const runner = join(root, 'scripts/run-programs-child.js')
    const options = { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 } as const
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, runner, JSON.stringify(files)], options)
    const ended = stdout
      .split('\n')
      .flatMap((line) => (line.startsWith('{"name"') ? [JSON.parse(line) as Ended] : []))
    if (ended.length < files.length)
      throw new Error(`${files[ended.length]!.name} ended the process: ${stderr}`)
    return ended
  } finally {
    rmSync(folder, { recursive: true })
  }
}
