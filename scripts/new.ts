// Makes the files of a new layer, rule, command or source, and puts them where they are used:
//   npm run new -- layer GlobalPool2D
//   npm run new -- rule sparse-gradient P9
//   npm run new -- command count-runs
//   npm run new -- source comic-pages
import { spawnSync } from 'node:child_process'
import { newCommand } from './new/command.js'
import { applyEdits, type Edits } from './new/edits.js'
import { newLayer } from './new/layer.js'
import { newRule } from './new/rule.js'
import { newSource } from './new/source.js'
import { root } from './packages.js'

const kinds: Readonly<Record<string, (name: string, more?: string) => Edits>> = {
  layer: newLayer,
  rule: newRule,
  command: newCommand,
  source: newSource,
}

const [kind = '', name = '', more] = process.argv.slice(2)
const make = kinds[kind]
try {
  if (!make || name === '')
    throw new Error(`expected one of ${Object.keys(kinds).join(', ')} and a name, got "${kind} ${name}"`)
  const edits = make(name, more)
  const written = applyEdits(root, edits)
  spawnSync(
    'npx',
    [
      '--no-install',
      'biome',
      'check',
      '--write',
      ...written.filter((file) => !file.startsWith('.changeset')),
    ],
    { cwd: root },
  )
  if (kind === 'rule')
    spawnSync('npm', ['run', '--silent', 'practices-page'], { cwd: root, stdio: 'inherit' })
  for (const file of written) console.log(file)
  for (const step of edits.next) console.log(`\n→ ${step}`)
} catch (error) {
  console.error(`new: ${(error as Error).message}`)
  process.exitCode = 2
}
