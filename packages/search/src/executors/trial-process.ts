// The process of one trial: waits for its request, runs the objective of a module, and sends how it ended.
import { writeFileSync } from 'node:fs'
import type { Objective } from '../objective.js'
import type { Decision } from '../pruner.js'
import type { FromTrial, ToTrial } from './messages.js'
import { runObjective } from './run-objective.js'

try {
  // Where memory runs out, Linux is to end this process and not the search.
  writeFileSync('/proc/self/oom_score_adj', '1000')
} catch {}

const stop = new AbortController()
const waiting = new Map<number, (decision: Decision) => void>()
let reports = 0

// The search is gone; what is trained here would reach nobody.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

process.on('message', (message: ToTrial) => {
  if (message.type === 'stop') stop.abort()
  if (message.type === 'decision') waiting.get(message.id)?.(message.decision)
  if (message.type === 'run') void run(message)
})

async function run({ module, request }: Extract<ToTrial, { type: 'run' }>): Promise<void> {
  const { default: objective } = (await import(module)) as { default?: unknown }
  if (typeof objective !== 'function')
    throw new TypeError(
      `expected the module ${module} to export default a function, got ${typeof objective}.`,
    )
  const outcome = await runObjective(objective as Objective, request, {
    signal: stop.signal,
    report(step, value) {
      const id = reports++
      send({ type: 'report', id, step, value })
      return new Promise((resolve) => waiting.set(id, resolve)).finally(() =>
        waiting.delete(id),
      ) as Promise<Decision>
    },
  })
  // What the objective left behind, timers or servers, does not keep the process.
  send({ type: 'outcome', outcome }, () => process.exit())
}

function send(message: FromTrial, sent?: () => void): void {
  process.send!(message, undefined, undefined, sent)
}
