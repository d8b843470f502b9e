import * as tf from '@tensorflow/tfjs-core'
import { pass } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import { disposeBatch } from './samples.js'
import { trainStep } from './session.js'

/** Steps in which optimizers and caches make what they keep. */
const WARM_UP = 2
const STEPS = 4

/** The number of tensors stays the same from step to step. */
export const leaks = defineCheck('leaks', 'P15', (session) =>
  eachPlayer(session, async (trainee) => {
    const counts: number[] = []
    for (let step = 0; step < WARM_UP + STEPS; step++) {
      const batch = session.firstBatch()
      if (trainee.step) await trainee.step(batch)
      else await trainStep(trainee, batch)
      disposeBatch(batch)
      counts.push(tf.memory().numTensors)
    }
    const growth = counts.slice(WARM_UP).map((count, index) => count - counts[WARM_UP - 1 + index]!)
    const least = Math.min(...growth)
    if (least <= 0) return pass(`The number of tensors stays the same over ${STEPS} steps.`)
    return {
      verdict: 'fail',
      evidence: `Each step leaves ${least} tensors behind.`,
      next: 'First wrap the step in tf.tidy and dispose of what tf.keep and await tensor.data() have left; memory ends sooner or later.',
      values: { tensors: least },
    }
  }),
)
