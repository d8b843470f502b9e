import * as tf from '@tensorflow/tfjs-core'
import type { AnswersReading } from '../reading.js'
import type { Pack } from './pack.js'

/** Outputs up to this size are read whole; of larger ones the first samples only. */
const WHOLE = 65536
const ROUNDING = 1e-3

/**
 * Adds outputs and targets to the pack, to see how they go together. `undefined` where they have no common form: targets
 * have the shape of the outputs, or are class numbers, one for each row.
 */
export function measureAnswers(
  pack: Pack,
  outputs: tf.Tensor,
  targets: tf.Tensor,
): (() => AnswersReading) | undefined {
  const [batch = 1] = outputs.shape
  const columns = outputs.shape.at(-1) ?? 1
  const sizePerSample = outputs.size / batch
  const sparse = columns > 1 && targets.size * columns === outputs.size
  if (outputs.rank < 2 || outputs.size === 0 || !(sparse || targets.size === outputs.size)) return undefined
  const samples = Math.max(1, Math.min(batch, Math.floor(WHOLE / sizePerSample)))
  if (samples < 2 || sizePerSample * samples > WHOLE) return undefined
  const first = (tensor: tf.Tensor) => tf.slice(tf.reshape(tensor, [batch, -1]), 0, samples)
  const [given, wanted] = [pack.add(first(outputs)), pack.add(first(targets))]
  return () => {
    const answers = given()
    const goal = sparse ? oneHot(wanted(), columns) : wanted()
    const crossEntropy = samples === batch ? crossEntropyOf(answers, goal, columns) : undefined
    return { agreement: agreementOf(answers, goal, samples), ...(crossEntropy && { crossEntropy }) }
  }
}

function oneHot(classes: ArrayLike<number>, columns: number): Float32Array {
  const rows = new Float32Array(classes.length * columns)
  for (let row = 0; row < classes.length; row++) rows[row * columns + classes[row]!] = 1
  return rows
}

/** Correlation after the mean over the samples is taken off each position; 0 where one of the two does not vary. */
function agreementOf(outputs: ArrayLike<number>, targets: ArrayLike<number>, samples: number): number {
  const size = outputs.length / samples
  let [both, own, other] = [0, 0, 0]
  for (let position = 0; position < size; position++) {
    let [outputMean, targetMean] = [0, 0]
    for (let index = position; index < outputs.length; index += size) {
      outputMean += outputs[index]! / samples
      targetMean += targets[index]! / samples
    }
    for (let index = position; index < outputs.length; index += size) {
      const [x, y] = [outputs[index]! - outputMean, targets[index]! - targetMean]
      both += x * y
      own += x * x
      other += y * y
    }
  }
  return own > 0 && other > 0 ? both / Math.sqrt(own * other) : 0
}

/** The losses of outputs that are probabilities, and those of the same numbers taken for logits. */
function crossEntropyOf(
  outputs: ArrayLike<number>,
  targets: ArrayLike<number>,
  columns: number,
): AnswersReading['crossEntropy'] {
  if (!areShares(outputs) || !areShares(targets)) return undefined
  const isSoftmax = columns > 1 && sumToOne(outputs, columns) && sumToOne(targets, columns)
  const width = isSoftmax ? columns : 1
  let [once, twice] = [0, 0]
  for (let row = 0; row < outputs.length; row += width) {
    // `Σ yᵢ (log Σ eᶻ − zᵢ)`. A sigmoid is the softmax of its logit and a second one that is always 0.
    const rest = isSoftmax ? 0 : 1 - targets[row]!
    let sum = isSoftmax ? 0 : 1
    for (let index = row; index < row + width; index++) sum += Math.exp(outputs[index]!)
    once -= rest > 0 ? rest * log(1 - outputs[row]!) : 0
    twice += rest * Math.log(sum)
    for (let index = row; index < row + width; index++) {
      once -= targets[index]! * log(outputs[index]!)
      twice += targets[index]! * (Math.log(sum) - outputs[index]!)
    }
  }
  const rows = outputs.length / width
  return { activation: isSoftmax ? 'softmax' : 'sigmoid', once: once / rows, twice: twice / rows }
}

/** As tfjs does, who keeps probabilities away from 0. */
function log(probability: number): number {
  return Math.log(Math.max(1e-7, probability))
}

function areShares(values: ArrayLike<number>): boolean {
  return Array.prototype.every.call(values, (value: number) => value >= 0 && value <= 1)
}

function sumToOne(values: ArrayLike<number>, columns: number): boolean {
  for (let row = 0; row < values.length; row += columns) {
    let sum = 0
    for (let index = row; index < row + columns; index++) sum += values[index]!
    if (Math.abs(sum - 1) > ROUNDING) return false
  }
  return true
}
