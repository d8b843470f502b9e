// What trials in processes of their own do in tests; `kind` says how they end.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TrialContext } from '../src/objective.js'

export default async function objective(trial: TrialContext<{ kind?: string; x: number }>): Promise<number> {
  const { kind = 'train' } = trial.params
  console.log(`trial ${trial.number}: ${kind}`)
  if (kind === 'crash') process.abort()
  if (kind === 'exit') process.exit(3)
  if (kind === 'leave') process.exit(0)
  if (kind === 'throw') throw new Error('no data')
  if (kind === 'later') setTimeout(() => Promise.reject(new Error('lost promise')), 10)
  if (kind === 'memory') for (const all: number[][] = []; ; ) all.push(new Array(1e5).fill(Math.random()))
  if (kind === 'hang') for (;;);
  if (kind === 'silent' || kind === 'later') await sleep(60_000)
  if (kind === 'killed') process.kill(process.pid, 'SIGKILL')
  return train(trial)
}

const STEPS = 8

async function train({ number, params, folder, report }: TrialContext<{ x: number }>): Promise<number> {
  const checkpoint = join(folder, 'step')
  let step = existsSync(checkpoint) ? Number(readFileSync(checkpoint, 'utf8')) : 0
  while (step < STEPS) {
    await sleep(Number(process.env.SEARCH_TEST_STEP ?? 5))
    step++
    console.log(`trial ${number} step ${step}`)
    writeFileSync(checkpoint, String(step))
    await report(step, params.x + 1 / step)
  }
  appendFileSync(join(folder, 'finished'), '.')
  return params.x
}
