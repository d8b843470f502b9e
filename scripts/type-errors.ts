import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packages.js'

/** What the TypeScript compiler has against programs of documentation, each a module of its own; '' for nothing. */
export function typeErrors(programs: Readonly<Record<string, string>>): string {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'types-'))
  try {
    for (const [name, code] of Object.entries(programs)) {
      writeFileSync(join(folder, `${name.replace(/\W+/g, '-')}.ts`), `${code}\nexport {}\n`)
    }
    const compilerOptions = { typeRoots: [join(root, 'node_modules/@types')] }
    const project = { extends: join(root, 'tsconfig.base.json'), include: ['*.ts'], compilerOptions }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    return spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8', cwd: folder }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}
