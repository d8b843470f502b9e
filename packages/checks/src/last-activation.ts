import { format } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import type { Judgement } from './check-result.js'
import type { Trainee } from './player.js'
import { listOf, type Samples } from './samples.js'
import { read } from './session.js'

/** Share of the difference between the two that rounding and clipping may make. */
const SAME = 0.02

type Loss = (answers: tf.Tensor) => tf.Tensor

/**
 * Cross-entropy of answers that are no probabilities although the loss wants them, or of probabilities that it takes for
 * logits: then it is what the loss of `softmax(answers)` would be.
 */
export async function lastActivation(
  { kinds, predict, ofProbabilities }: Trainee,
  batch: Samples,
  loss: number,
): Promise<Judgement | undefined> {
  const [kind] = kinds
  const [target] = listOf(batch.targets)
  if (!predict || !target || kinds.length !== 1 || !kind?.toLowerCase().endsWith('crossentropy'))
    return undefined
  const answers = predict(batch.inputs, false)[0]!
  const isBinary = kind === 'binaryCrossentropy'
  const name = isBinary ? 'sigmoid' : 'softmax'
  if (!(await areProbabilities(answers, isBinary))) {
    return ofProbabilities ? noProbabilities(name, loss) : undefined
  }
  const goal = kind.startsWith('sparse') ? oneHot(target, answers) : target
  if (goal.size !== answers.size) return undefined
  const goalOf = tf.reshape(goal, answers.shape)
  const ofClasses: Loss = (p) => tf.neg(tf.sum(tf.mul(goalOf, tf.log(tf.add(p, 1e-7))), -1))
  const ofYesAndNo: Loss = (p) =>
    tf.neg(
      tf.add(
        tf.mul(goalOf, tf.log(tf.add(p, 1e-7))),
        tf.mul(tf.sub(1, goalOf), tf.log(tf.add(tf.sub(1, p), 1e-7))),
      ),
    )
  const of = isBinary ? ofYesAndNo : ofClasses
  const activation = isBinary ? tf.sigmoid : tf.softmax
  const once = await read(() => tf.mean(of(answers)))
  const twice = await read(() => tf.mean(of(activation(answers))))
  if (!(Math.abs(loss - twice) < SAME * Math.abs(once - twice))) return undefined
  return {
    verdict: 'fail',
    evidence: `The loss of ${format(loss)} takes probabilities for logits: ${name} is applied twice (once gives ${format(once)}).`,
    next: `First leave ${name} away in the last layer, or use a loss of probabilities.`,
    values: { loss, once, twice },
  }
}

const noProbabilities = (name: string, loss: number): Judgement => ({
  verdict: 'fail',
  evidence: `The answers are no probabilities, but the loss (${format(loss)}) takes them for such.`,
  next: `First end the last layer with ${name}, or use a loss of logits.`,
})

const oneHot = (target: tf.Tensor, answers: tf.Tensor): tf.Tensor =>
  tf.oneHot(tf.reshape(tf.cast(target, 'int32'), [-1]) as tf.Tensor1D, answers.shape.at(-1)!)

async function areProbabilities(answers: tf.Tensor, isBinary: boolean): Promise<boolean> {
  const outside = await read(() => tf.max(tf.maximum(tf.neg(answers), tf.sub(answers, 1))))
  if (!(outside <= 1e-6)) return false
  if (isBinary) return true
  return (await read(() => tf.max(tf.abs(tf.sub(tf.sum(answers, -1), 1))))) < 1e-3
}
