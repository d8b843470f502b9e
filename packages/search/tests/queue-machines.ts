import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { openStudy, type Pruner, randomSampler, uniform } from '../src/index.js'

export const STEPS = [1, 2, 3, 4, 5, 6, 7, 8]
export const module = new URL('./objective.ts', import.meta.url)

export const open = (path: string, pruner?: Pruner) =>
  openStudy({
    path,
    space: { x: uniform(0, 1) },
    metrics: { loss: 'minimize' },
    sampler: randomSampler({ seed: 4 }),
    ...(pruner && { pruner }),
  })

export async function startMachine(
  port: number,
  folder: string,
  environment: object = {},
): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./queue-worker.ts', import.meta.url))
  const flags = ['--conditions=@dlkit/source', '--import=tsx', script, String(port), folder, '3']
  const machine = spawn(process.execPath, flags, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  onTestFinished(() => {
    machine.kill('SIGKILL')
  })
  await once(machine.stdout!, 'data')
  return machine
}

export const stepsIn = (folder: string, trial: string): number[] => {
  const log = join(folder, trial, 'log.txt')
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : []
  return lines.filter((line) => line.includes('step')).map((line) => Number(line.split(' ').at(-1)))
}

export const foldersIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(50)
}

/** How often the journal ends each trial. */
export function ends(path: string): number[] {
  const counts: number[] = []
  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) {
    const { op_code, trial_id, state } = JSON.parse(line)
    if (op_code === 6 && state === 1) counts[trial_id] = (counts[trial_id] ?? 0) + 1
  }
  return counts
}
