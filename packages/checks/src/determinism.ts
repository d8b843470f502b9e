import { format } from '@dlkit/monitors/tools'
import type * as tf from '@tensorflow/tfjs-core'
import { pass } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import type { Trainee } from './player.js'
import { disposeBatch } from './samples.js'
import { read, type Session, trainStep } from './session.js'

const STEPS = 3
/** Sums in another order, on several threads. */
const ROUNDING = 1e-5

/** The same steps from the same state and seed end the same, bit for bit on one engine. */
export const determinism = defineCheck('determinism', 'P27', (session) =>
  eachPlayer(session, async (trainee) => {
    const [first, second] = [await run(session, trainee), await run(session, trainee)]
    const place = first.findIndex((value, index) => value !== second[index])
    if (place < 0) return pass(`${STEPS} steps with the same seed end the same, bit for bit.`)
    const [one, other] = [first[place]!, second[place]!]
    const error = Math.abs(one - other) / Math.max(Math.abs(one), Math.abs(other))
    if (error < ROUNDING)
      return pass(`${STEPS} steps with the same seed end the same up to rounding (${format(error)}).`)
    return {
      verdict: 'fail',
      evidence: `Two runs of the same steps from the same weights and seed differ: ${format(one)} and ${format(other)}.`,
      next: 'First look for a generator of your own that nobody resets, the time of day, and state outside of variables (snapshot restores it).',
    }
  }),
)

/** Losses of the steps, and the sum of each variable's values and squares after them. */
async function run(session: Session, trainee: Trainee): Promise<number[]> {
  await session.rewind()
  const numbers: number[] = []
  for (let step = 0; step < STEPS; step++) {
    const batch = session.firstBatch()
    if (trainee.step) await trainee.step(batch)
    else numbers.push(await trainStep(trainee, batch))
    numbers.push(await read(() => trainee.loss(batch, true)))
    disposeBatch(batch)
  }
  for (const variable of trainee.variables) numbers.push(...(await digest(variable)))
  return numbers.filter((value) => !Number.isNaN(value))
}

async function digest(variable: tf.Variable): Promise<[number, number]> {
  let [sum, squares] = [0, 0]
  for (const value of await variable.data()) {
    sum += value
    squares += value * value
  }
  return [sum, squares]
}
