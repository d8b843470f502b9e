import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { type Operation, operations } from './random-operations.js'

/** A program as data: numbers choose operands among the tensors that are there, so that any numbers are a program. */
export interface Program {
  leaves: { shape: number[]; dtype: 'float32' | 'int32' | 'bool'; seed: number }[]
  steps: { operation: string; x: number; y: number; n: number; after: 'go on' | 'read' | 'dispose' }[]
}

export const programs: fc.Arbitrary<Program> = fc.record({
  leaves: fc.array(
    fc.record({
      shape: fc.oneof(
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
        fc.constantFrom<number[]>([], [4], [3, 4], [2, 3, 4], [1, 3, 1], [2, 3, 4, 2], [1, 5, 4, 3]),
      ),
      dtype: fc.constantFrom('float32', 'float32', 'float32', 'int32', 'bool'),
      seed: fc.nat(1000),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  steps: fc.array(
    fc.record({
      operation: fc.constantFrom(...operations.keys()),
      x: fc.nat(30),
      y: fc.nat(30),
      n: fc.nat(5000),
      after: fc.constantFrom('go on', 'go on', 'go on', 'go on', 'read', 'dispose'),
    }),
    { minLength: 1, maxLength: 24 },
  ),
})

export interface Reading {
  what: string
  shape: number[]
  dtype: string
  values: Float32Array | Int32Array | Uint8Array
}

interface Item {
  tensor: tf.Tensor
  /** Computed without rounding on every backend: a jump or a kink falls on the same side everywhere. */
  exact: boolean
}

/** Runs a program on the current backend and reads everything that it does not dispose of. */
export function valuesOf({ leaves, steps }: Program): Reading[] {
  const readings: Reading[] = []
  const items = leaves.map((leaf): Item => ({ tensor: leafTensor(leaf), exact: true }))
  for (const [index, step] of steps.entries()) {
    const operation = operations.get(step.operation)!
    const [x, y] = [items[step.x % items.length]!, items[step.y % items.length]!]
    if (operation.kind === 'jump' && !(x.exact && y.exact)) continue
    const results = apply(operation, x, y, step.n)
    items.push(...results)
    if (step.after === 'read') readings.push(reading(`${index}: ${step.operation}`, results[0]!.tensor))
    if (step.after === 'dispose' && items.length > 1) {
      for (const { tensor } of items.splice(step.y % items.length, 1)) tensor.dispose()
    }
  }
  // The latest first, so that what others were made of is read, and goes, after them.
  for (const [index, { tensor }] of items.reverse().entries()) {
    readings.push(reading(`${index} from the end`, tensor))
    tensor.dispose()
  }
  return readings
}

/** The gradients of all leaves of a weighted sum of everything that a program computes without a jump. */
export function gradientsOf({ leaves, steps }: Program): Reading[] {
  const tensors = leaves.map((leaf) => leafTensor({ ...leaf, dtype: 'float32' }))
  const loss = (...inputs: tf.Tensor[]): tf.Scalar => {
    const items = inputs.map((tensor): Item => ({ tensor, exact: true }))
    for (const { operation: name, x: first, y: second, n, after } of steps) {
      const operation = operations.get(name)!
      const [x, y] = [items[first % items.length]!, items[second % items.length]!]
      if (operation.gradient === false || operation.kind === 'jump') continue
      if (operation.kind === 'kink' && !(x.exact && y.exact)) continue
      const results = apply(operation, x, y, n)
      items.push(...results)
      if (after === 'read') results[0]!.tensor.dataSync()
    }
    return tf.addN(
      items.filter(({ tensor }) => tensor.dtype === 'float32').map(({ tensor }) => weighted(tensor)),
    )
  }
  const gradients = tf.tidy(() => tf.grads(loss)(tensors))
  const readings = gradients.map((gradient, index) => reading(`gradient of leaf ${index}`, gradient))
  tf.dispose([tensors, gradients])
  return readings
}

function apply({ run, kind }: Operation, x: Item, y: Item, n: number): Item[] {
  const results = tf.tidy(() => [run(x.tensor, y.tensor, n)].flat())
  const exact = kind === 'jump' || (kind === 'exact' && x.exact && y.exact)
  return results.map((tensor) => ({ tensor, exact }))
}

/** Eighths between -2 and 2, whose sums are exact. */
function leafTensor({ shape, dtype, seed }: Program['leaves'][number]): tf.Tensor {
  const size = tf.util.sizeFromShape(shape)
  const whole = Array.from({ length: size }, (_, i) => ((i * 7 + seed * 13 + ((i * i) % 11)) % 33) - 16)
  const scale = {
    float32: (value: number) => value / 8,
    int32: (value: number) => value % 4,
    bool: (value: number) => Number(value > 0),
  }
  return tf.tensor(whole.map(scale[dtype]), shape, dtype)
}

const weighted = (x: tf.Tensor): tf.Scalar =>
  tf.sum(tf.mul(x, tf.reshape(tf.sin(tf.range(1, x.size + 1)), x.shape)))

const reading = (what: string, tensor: tf.Tensor): Reading => ({
  what,
  shape: tensor.shape,
  dtype: tensor.dtype,
  values: tensor.dataSync() as Reading['values'],
})
