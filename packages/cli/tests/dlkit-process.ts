import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writePicture } from '@dlkit/testing'

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))
const tsx = new URL('../../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href
const listModules = new URL('./list-modules.mjs', import.meta.url).href
const moduleList = 'modules.txt'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunningDlkit {
  child: ChildProcess
  /** Resolves when stdout matches; rejects when the process ends before. */
  prints(pattern: RegExp): Promise<void>
  ended: Promise<Ended>
}

interface StartOptions {
  /** Options of node. */
  flags?: readonly string[]
  /** Another file to run. */
  script?: string
}

const nodeFlags = ['--conditions=@dlkit/source', `--import=${tsx}`]

/** Whether npm runs the tests or not, the command is the same. */
function environment(cwd: string): NodeJS.ProcessEnv {
  const fromNpm = Object.keys(process.env).filter((name) => name.startsWith('npm_'))
  return {
    ...process.env,
    ...Object.fromEntries(fromNpm.map((name) => [name, undefined])),
    XDG_CACHE_HOME: join(cwd, 'cache'),
    MODULE_LIST: join(cwd, moduleList),
  }
}

export interface Terminal {
  /** Everything that the terminal got, escape sequences included. */
  screen(): string
  /** Types keys. */
  type(keys: string): void
  /** Resolves when the screen matches; rejects when the command ends before. */
  shows(pattern: RegExp): Promise<void>
  ended: Promise<{ code: number | null; screen: string }>
}

/** Starts the command in a pseudo-terminal, which `script` of util-linux makes. */
export function startInTerminal(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Terminal {
  const words = [process.execPath, ...nodeFlags, bin, ...args]
  const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const { NO_COLOR, CI, ...rest } = environment(cwd)
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols 100 rows 40; exec ${line}`, '/dev/null'],
    {
      cwd,
      env: { ...rest, TERM: 'xterm-256color', COLUMNS: '100', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  let screen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
  })
  const ended = new Promise<{ code: number | null; screen: string }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, screen }))
  })
  const shows = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(screen) && resolve()
      child.stdout.on('data', look)
      look()
      ended.then(() => reject(new Error(`ended before it showed ${pattern}: ${screen}`)), reject)
    })
  return { screen: () => screen, type: (keys) => child.stdin.write(keys), shows, ended }
}

/** Starts the command from its sources in a real process. Caches go into `cwd`. */
export function startDlkit(
  args: readonly string[],
  cwd: string,
  { flags = [], script = bin }: StartOptions = {},
): RunningDlkit {
  const node = [...nodeFlags, ...flags, script, ...args]
  const env = { ...environment(cwd), NO_COLOR: '1' }
  const child = spawn(process.execPath, node, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  const prints = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(stdout) && resolve()
      child.stdout.on('data', look)
      look()
      ended.then(() => reject(new Error(`ended before it printed ${pattern}: ${stdout}${stderr}`)), reject)
    })
  return { child, prints, ended }
}

/** Runs the command to its end. */
export function dlkit(args: readonly string[], cwd: string): Promise<Ended> {
  return startDlkit(args, cwd).ended
}

/** The URLs of all modules that a command loads. */
export async function modulesOf(args: readonly string[], cwd: string): Promise<string[]> {
  await rm(join(cwd, moduleList), { force: true })
  await startDlkit(args, cwd, { flags: [`--import=${listModules}`] }).ended
  return (await readFile(join(cwd, moduleList), 'utf8')).trim().split('\n')
}

/** A network and pictures so small that a step takes milliseconds. */
export const tinyConfig = {
  data: 'pictures',
  size: 16,
  batch: 2,
  steps: 12,
  seed: 3,
  model: { filters: 4, levels: 2, discriminatorFilters: 4, attention: true, dropout: 0.2 },
  log: { samplesEvery: 5, checkpointEvery: 4, gradientsEvery: 3, keepCheckpoints: 2 },
}

/** Writes `pictures/` and `tiny.json` into a folder: what a tiny run needs. */
export async function prepareTinyRun(folder: string): Promise<void> {
  for (let index = 0; index < 12; index++) {
    await writePicture(join(folder, 'pictures', `${index}.png`), 40 + index, 36, index)
  }
  await writeFile(join(folder, 'tiny.json'), JSON.stringify(tinyConfig))
}
