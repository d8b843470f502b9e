import * as tf from '@tensorflow/tfjs-core'

const shapes = [[3, 5], [4], [2, 3, 2, 4]]
const names = ['first/kernel', 'first/bias', 'last/kernel']
const scales = [1, 0.0625, 8]

/** Multiples of 1/64 in [-2, 2), those of fixtures/make-optimizers.py. */
function numbers(count: number, seed: number): number[] {
  let state = BigInt(seed)
  return Array.from({ length: count }, () => {
    state = (state * 1103515245n + 12345n) % 2n ** 31n
    return (Number((state / 65536n) % 256n) - 128) / 64
  })
}

function tensors(seed: number, scaled: boolean): tf.Tensor[] {
  return shapes.map((shape, i) => {
    const values = numbers(tf.util.sizeFromShape(shape), seed + 7919 * i)
    return tf.tensor(
      values.map((value) => value * (scaled ? scales[i]! : 1)),
      shape,
    )
  })
}

/** A kernel of rank 2, a vector and a kernel of rank 4. */
export function fixtureWeights(): tf.Variable[] {
  return tf.tidy(() => tensors(1, false).map((tensor, i) => tf.variable(tensor, true, unusedName(names[i]!))))
}

/** The gradients of a step, counted from 1. */
export function fixtureGradients(step: number): tf.Tensor[] {
  return tensors(1000 + 31 * step, true)
}

/** Steps with the gradients of the fixtures, those after `from` up to `to`. */
export function train(
  optimizer: tf.Optimizer,
  weights: readonly tf.Variable[],
  from: number,
  to: number,
  alter: (gradients: tf.Tensor[], step: number) => tf.Tensor[] = (gradients) => gradients,
): void {
  for (let step = from + 1; step <= to; step++) {
    tf.tidy(() => {
      const gradients = alter(fixtureGradients(step), step)
      optimizer.applyGradients(weights.map(({ name }, i) => ({ name, tensor: gradients[i]! })))
    })
  }
}

export const valuesOf = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()])

function unusedName(name: string): string {
  const { registeredVariables } = tf.engine()
  let unused = name
  for (let count = 1; unused in registeredVariables; count++) unused = `${name}_${count}`
  return unused
}
