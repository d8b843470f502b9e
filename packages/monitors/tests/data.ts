import * as tf from '@tensorflow/tfjs-core'
import { gaussianOf as gaussian, seededRandom } from './random.js'

export interface Samples {
  x: tf.Tensor
  y: tf.Tensor
}

/** Points around the corners of a triangle in 8 dimensions, one-hot classes in a random order. */
export function blobs(count = 256, seed = 1): Samples {
  const random = seededRandom(seed)
  const classes = Array.from({ length: count }, () => Math.floor(3 * random()))
  const rows = classes.map((kind) =>
    Array.from({ length: 8 }, (_, column) => (column % 3 === kind ? 1.2 : -0.6) + 0.8 * gaussian(random)),
  )
  return { x: tf.tensor2d(rows), y: oneHot(classes, 3) }
}

/** Two classes that no line separates: the sign of x₀·x₁. */
export function exclusiveOr(count = 256, seed = 2): Samples {
  const random = seededRandom(seed)
  const rows = Array.from({ length: count }, () => Array.from({ length: 4 }, () => gaussian(random)))
  return {
    x: tf.tensor2d(rows),
    y: oneHot(
      rows.map(([a, b]) => (a! * b! > 0 ? 1 : 0)),
      2,
    ),
  }
}

/** A smooth function of 6 features, with noise. */
export function curve(count = 256, seed = 3): Samples {
  const random = seededRandom(seed)
  const rows = Array.from({ length: count }, () => Array.from({ length: 6 }, () => gaussian(random)))
  const values = rows.map(([a, b, c]) => [Math.sin(a!) + 0.5 * b! * c! + 0.1 * gaussian(random)])
  return { x: tf.tensor2d(rows), y: tf.tensor2d(values) }
}

/** 8 × 8 pictures in [-1, 1] of horizontal, vertical and diagonal stripes, with noise. */
export function stripes(count = 192, seed = 4): Samples {
  const random = seededRandom(seed)
  const classes = Array.from({ length: count }, () => Math.floor(3 * random()))
  const pictures = classes.map((kind) => {
    const phase = Math.floor(4 * random())
    return Array.from({ length: 64 }, (_, pixel) => {
      const [row, column] = [Math.floor(pixel / 8), pixel % 8]
      const along = [row, column, row + column][kind]!
      return [((along + phase) % 4 < 2 ? 0.8 : -0.8) + 0.2 * gaussian(random)]
    })
  })
  return { x: tf.reshape(tf.tensor(pictures), [count, 8, 8, 1]), y: oneHot(classes, 3) }
}

/** Sequences of 10 steps with 3 features; the class is the sign of the sum of the first. */
export function sequences(count = 192, seed = 5): Samples {
  const random = seededRandom(seed)
  const rows = Array.from({ length: count }, () =>
    Array.from({ length: 10 }, () => Array.from({ length: 3 }, () => gaussian(random))),
  )
  const sums = rows.map((steps) => steps.reduce((sum, [first]) => sum + first!, 0))
  return {
    x: tf.tensor3d(rows),
    y: oneHot(
      sums.map((sum) => (sum > 0 ? 1 : 0)),
      2,
    ),
  }
}

export function oneHot(classes: readonly number[], count: number): tf.Tensor {
  return tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d([...classes], 'int32'), count), 'float32'))
}

export function scaled({ x, y }: Samples, factor: number, offset = 0): Samples {
  return { x: tf.tidy(() => tf.add(tf.mul(x, factor), offset)), y }
}

/** The same samples with the labels of others. */
export function shuffledLabels({ x, y }: Samples, seed = 6): Samples {
  const random = seededRandom(seed)
  const order = Array.from({ length: y.shape[0]! }, (_, index) => index)
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return { x, y: tf.gather(y, tf.tensor1d(order, 'int32')) }
}

/** The same samples in runs of a few of one class each. */
export function sortedByClass({ x, y }: Samples, run = 32): Samples {
  const classes = Array.from(tf.argMax(y, 1).dataSync())
  const byClass = [...new Set(classes)].map((kind) => [...classes.keys()].filter((i) => classes[i] === kind))
  const order: number[] = []
  while (byClass.some((indices) => indices.length > 0)) {
    for (const indices of byClass) order.push(...indices.splice(0, run))
  }
  const index = tf.tensor1d(order, 'int32')
  return { x: tf.gather(x, index), y: tf.gather(y, index) }
}

/** Batches of neighbouring samples, one for each step. */
export function batchOf({ x, y }: Samples, size: number): (step: number) => Samples {
  const count = Math.floor(x.shape[0]! / size)
  return (step) => {
    const start = ((step - 1) % count) * size
    return { x: tf.slice(x, start, size), y: tf.slice(y, start, size) }
  }
}

/** Of probabilities, one value for each sample. */
export const crossEntropy = (y: tf.Tensor, output: tf.Tensor) =>
  tf.neg(tf.sum(tf.mul(y, tf.log(tf.add(output, 1e-7))), -1))
