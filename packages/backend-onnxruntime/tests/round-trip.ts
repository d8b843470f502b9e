import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { InferenceSession, Tensor } from 'onnxruntime-node'

// Read when the first session is made.
process.env.ORT_DISABLE_TELEMETRY ??= '1'

/** Runs an exported model on inputs in their order. @returns the outputs in their order. */
async function runOnnx(bytes: Uint8Array, inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
  const session = await InferenceSession.create(bytes)
  const feeds = Object.fromEntries(
    inputs.map((x, i) => {
      const data = x.dataSync()
      return [session.inputNames[i]!, new Tensor(x.dtype as 'float32', data as Float32Array, x.shape)]
    }),
  )
  const results = await session.run(feeds)
  const outputs = session.outputNames.map((name) => {
    const { data, dims, type } = results[name]!
    return tf.tensor(data as Float32Array, [...dims], type as 'float32')
  })
  await session.release()
  return outputs
}

/** Throws unless the exported model gives the outputs of the program, in type, shape and value, for all inputs. */
export async function expectSameOutputs(
  bytes: Uint8Array,
  program: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[],
  batches: readonly (readonly tf.Tensor[])[],
): Promise<void> {
  for (const inputs of batches) {
    const actual = await runOnnx(bytes, inputs)
    const result = program(...inputs)
    const expected = Array.isArray(result) ? result : [result]
    const describe = (tensors: readonly tf.Tensor[]) =>
      tensors.map(({ dtype, shape }) => `${dtype} [${shape}]`).join()
    if (describe(actual) !== describe(expected)) {
      throw new Error(`expected outputs ${describe(expected)}, got ${describe(actual)}`)
    }
    // Float32 sums in another order; the largest value sets what is lost.
    actual.forEach((tensor, i) => {
      const values = expected[i]!.dataSync()
      let largest = 1
      for (const value of values) largest = Math.max(largest, Math.abs(value))
      expectClose(tensor, values, { absolute: 1e-5 * largest, relative: 1e-4 })
    })
    tf.dispose([actual, expected])
  }
}

/** Values in [-1, 1], the same for the same seed. */
export const noise = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.randomUniform([...shape], -1, 1, 'float32', seed)

/** Gives every weight other values than those it starts with; variances stay positive. */
export function fillWithNoise(model: LayersModel): void {
  tf.tidy(() => {
    model.weights.forEach((weight, i) => {
      const values = tf.mul(noise(weight.shape as number[], i + 1), 0.6)
      weight.write(weight.originalName.endsWith('variance') ? tf.add(tf.abs(values), 0.5) : values)
    })
  })
}
