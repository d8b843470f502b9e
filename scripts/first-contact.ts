import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Seconds on two quiet cores, from the first command on; installing is not among them. */
const FIRST_SAMPLES = 120
const OWN_MODEL = 60

export interface Contact {
  ok: boolean
  output: string
  seconds: number
}

/** Makes the default project and trains until there are samples of a network that has learned; then Ctrl-C. */
export async function firstSamples(folder: string): Promise<Contact> {
  const shell = start('npx dlkit init my-colors --yes && cd my-colors && npx dlkit train', folder)
  const runs = join(folder, 'my-colors', 'runs')
  const hasSamples = () =>
    existsSync(runs) &&
    readdirSync(runs, { recursive: true }).some((name) => /samples\/step-0*[1-9]\d*\.png$/.test(String(name)))
  while (!hasSamples() && shell.seconds() < FIRST_SAMPLES && !shell.isOver()) await sleep(100)
  const seconds = shell.seconds()
  const found = hasSamples()
  shell.interrupt()
  const output = await shell.ended
  const isContinued = /--resume/.test(output)
  return { ok: found && isContinued, seconds, output: `${output}\nsamples: ${found}, after ${seconds} s` }
}

/** Makes the project of a model of one's own, checks and trains it. */
export async function ownModel(folder: string): Promise<Contact> {
  const shell = start(
    'npx dlkit init my-model --template own --yes && npx dlkit check && npx dlkit train',
    folder,
  )
  const output = await shell.ended
  const seconds = shell.seconds()
  return { ok: shell.code() === 0 && seconds < OWN_MODEL, seconds, output: `${output}\nafter ${seconds} s` }
}

function start(line: string, cwd: string) {
  const began = performance.now()
  const child = spawn('sh', ['-c', line], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let code: number | null | undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<string>((resolve) => {
    child.on('close', (status) => {
      code = status
      resolve(output)
    })
  })
  return {
    ended,
    code: () => code,
    isOver: () => code !== undefined,
    seconds: () => Math.round((performance.now() - began) / 100) / 10,
    /** Ctrl-C reaches every process of a terminal's foreground group. */
    interrupt: () => code === undefined && process.kill(-child.pid!, 'SIGINT'),
  }
}
