import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildProgram } from '../packages/cli/src/run.js'
import { packages, root } from './packages.js'

const program = buildProgram(() => {})
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const external = new Set([
  'cd',
  'echo',
  'git',
  'mkdir',
  'node',
  'pip',
  'python3',
  'redis-server',
  'tensorboard',
  '.',
])

/** What is wrong with a command of the documentation; undefined where program, options and packages exist. */
export function commandProblem(words: readonly string[]): string | undefined {
  const [name, ...rest] = words.filter((word) => !/^[A-Z_]+=/.test(word))
  if (name === 'dlkit') return dlkitProblem(rest)
  if (name === 'npx' && rest[0] === 'dlkit') return dlkitProblem(rest.slice(1))
  if (name === 'npx')
    return existsSync(join(root, 'node_modules/.bin', rest[0]!)) ? undefined : `no program ${rest[0]}`
  if (name === 'npm') return npmProblem(rest)
  return external.has(name!) ? undefined : `unknown program ${name}`
}

function npmProblem([verb, ...rest]: readonly string[]): string | undefined {
  if (verb === 'run') {
    const [script, ...words] = rest.filter((word) => word !== '--silent')
    if (!scripts[script!]) return `no script ${script}`
    return script === 'dlkit' ? dlkitProblem(words.slice(words[0] === '--' ? 1 : 0)) : undefined
  }
  if (['install', 'i', 'uninstall'].includes(verb!)) {
    const unknown = rest.filter((word) => !word.startsWith('-') && !isPackage(word))
    return unknown.length > 0 ? `unknown packages ${unknown.join(', ')}` : undefined
  }
  return ['ci', 'test', 'start'].includes(verb!) ? undefined : `unknown: npm ${verb}`
}

/** Whether it is one of ours, or one that we use and so have seen. */
const isPackage = (name: string) =>
  packages.some((entry) => entry.name === name) || existsSync(join(root, 'node_modules', name))

function dlkitProblem([name, ...rest]: readonly string[]): string | undefined {
  if (name === '…') return undefined
  const command = program.commands.find((entry) => entry.name() === name)
  if (!command) return `no command dlkit ${name}`
  const flags = command.options.flatMap(({ short, long }) => [short, long])
  const unknown = rest
    .map((word) => word.split('=')[0]!)
    .filter((word) => /^-/.test(word) && !flags.includes(word))
  return unknown.length > 0 ? `dlkit ${name} has no ${unknown.join(', ')}` : undefined
}
