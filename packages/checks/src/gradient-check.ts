import { format } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import { type Judgement, pass, skipped } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import type { Trainee } from './player.js'
import { read, type Session } from './session.js'
import { nameOf, variableGradients } from './variable-gradients.js'

/** Variables that are checked, evenly spaced over the network. */
const SLICE = 8
/** Shares of the loss by which it should change. */
const CHANGES = [0.03, 0.01, 0.003, 0.001]
/** Rounding of a loss in float32, as a share of it. */
const ROUNDING = 2e-6
/** Relative error that curvature and kinks on the way may make. */
const TOLERANCE = 0.15

/**
 * Compares gradients with differences of the loss along them, `(L(w + h·g) − L(w)) / h` and `(L(w) − L(w − h·g)) / h`, on a
 * slice of the variables. Finds gradients of custom operations that are wrong, and values that leave the graph on some of their ways.
 */
export const gradientCheck = defineCheck('gradient-check', 'P19', (session) =>
  eachPlayer(session, async (trainee) => {
    const [first, second] = [await lossWith(session, trainee), await lossWith(session, trainee)]
    if (first !== second || !Number.isFinite(first)) {
      return skipped(
        `The same batch has the losses ${format(first)} and ${format(second)}: differences mean nothing.`,
        'See what initial-loss and determinism say.',
      )
    }
    await session.rewind()
    const gradients = variableGradients(trainee, session.firstBatch())
    let [checked, largest] = [0, 0]
    for (const index of sliceOf(trainee.variables.length)) {
      const [variable, gradient] = [trainee.variables[index]!, gradients[index]]
      const found = gradient && (await compare(session, trainee, variable, gradient, first))
      if (!found) continue
      checked++
      largest = Math.max(largest, found.error)
      if (found.error > TOLERANCE) return wrong(variable, found)
    }
    return checked > 0
      ? pass(
          `Gradients of ${checked} variables agree with differences of the loss up to ${format(100 * largest)} %.`,
        )
      : skipped(
          'No gradient is large enough to compare it with differences of the loss.',
          'See gradient-reaches.',
        )
  }),
)

const sliceOf = (count: number): number[] =>
  Array.from({ length: Math.min(SLICE, count) }, (_, index) =>
    Math.floor((index * count) / Math.min(SLICE, count)),
  )

interface Comparison {
  /** The norm of the gradient, and the slope of the loss along it. */
  gradient: number
  slope: number
  error: number
}

const wrong = (variable: tf.Variable, { gradient, slope }: Comparison): Judgement => ({
  verdict: 'fail',
  evidence: `Along the gradient of ${nameOf(variable)} the loss rises by ${format(slope)} per unit; the gradient says ${format(gradient)}.`,
  next: 'First check gradients of your own (tf.customGrad), and values that leave the graph on one of their ways (dataSync); straight-through estimators differ on purpose.',
  values: { gradient, slope },
})

/** The best agreement of some step sizes; undefined where rounding hides it. */
async function compare(
  session: Session,
  trainee: Trainee,
  variable: tf.Variable,
  gradient: tf.Tensor,
  loss: number,
): Promise<Comparison | undefined> {
  const norm = await read(() => tf.norm(tf.reshape(gradient, [-1])) as tf.Scalar)
  const weight = await read(() => tf.norm(tf.reshape(variable, [-1])) as tf.Scalar)
  const furthest = 0.1 * Math.max(weight, 0.1 * Math.sqrt(variable.size))
  let best: Comparison | undefined
  for (const change of CHANGES) {
    const step = Math.min((change * Math.max(Math.abs(loss), 1e-3)) / (2 * norm), furthest)
    if (!(ROUNDING * Math.abs(loss) < (TOLERANCE / 5) * 2 * step * norm)) continue
    const move = (sign: number) => () =>
      tf.tidy(() => variable.assign(tf.add(variable, tf.mul(gradient, (sign * step) / norm))))
    const [up, down] = [await lossWith(session, trainee, move(1)), await lossWith(session, trainee, move(-1))]
    const slope = (up - down) / (2 * step)
    // At a kink, as of ReLU at 0, every value between the slopes of both sides is right.
    const sides = [(up - loss) / step, (loss - down) / step]
    const outside = Math.max(Math.min(...sides) - norm, norm - Math.max(...sides), 0)
    const error = outside / Math.max(Math.abs(slope), norm)
    if (best === undefined || error < best.error) best = { gradient: norm, slope, error }
    if (error < TOLERANCE / 5) break
  }
  return best
}

async function lossWith(session: Session, { loss }: Trainee, change?: () => void): Promise<number> {
  await session.rewind()
  change?.()
  return read(() => loss(session.firstBatch(), true))
}
