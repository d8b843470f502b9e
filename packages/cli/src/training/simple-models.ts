import type { CheckData, Samples } from '@dlkit/checks'
import * as tf from '@tensorflow/tfjs-core'
import { LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { countOf, listOf } from './samples.js'
import { seeded } from './seeded.js'

const [RATE, STEPS, BATCH] = [0.03, 600, 32]
const bounded = ['softmax', 'sigmoid', 'tanh']

/**
 * What models reach that know next to nothing, by the losses and metrics of the trained one: the best constant answer,
 * and a linear model. Undefined where inputs or outputs are several or of open sizes.
 */
export async function simpleModels(
  subject: unknown,
  data: CheckData,
  held: Samples,
  seed: number,
): Promise<Record<string, Record<string, number>> | undefined> {
  if (!(subject instanceof LayersModel) || subject.inputs.length > 1 || subject.outputs.length > 1)
    return undefined
  const output = subject.outputs[0]!.shape.slice(1)
  const [inputs] = listOf(data.inputs)
  if (output.some((size) => size === null) || inputs === undefined) return undefined
  const scores = (batches: (samples: Samples) => tf.Tensor) =>
    seeded(seed, 'simple models', () => fitted(subject, output as number[], data, held, batches))
  const nothing = ({ inputs }: Samples) => tf.zeros([listOf(inputs)[0]!.shape[0]!, 1])
  const all = ({ inputs }: Samples) =>
    tf.tidy(() => withColumn(tf.cast(listOf(inputs)[0]!, 'float32').clone()))
  return {
    'the best constant answer': await scores(nothing),
    ...(inputs.dtype !== 'int32' && { 'a linear model': await scores(all) }),
  }
}

/** As `fit` does it. */
const withColumn = (tensor: tf.Tensor) => (tensor.rank === 1 ? tf.reshape(tensor, [-1, 1]) : tensor)

async function fitted(
  subject: LayersModel,
  output: number[],
  data: CheckData,
  held: Samples,
  inputsOf: (samples: Samples) => tf.Tensor,
): Promise<Record<string, number>> {
  const [inputs, heldInputs] = [inputsOf(data), inputsOf(held)]
  const size = inputs.size / inputs.shape[0]!
  const units = output.reduce((product, size) => product * size, 1)
  const model = sequential({
    layers: [
      layers.reshape({ targetShape: [size], inputShape: inputs.shape.slice(1) }),
      layers.dense({ units }),
      layers.reshape({ targetShape: output }),
      layers.activation({ activation: activationOf(subject) }),
    ],
  })
  const optimizer = tf.train.adam(RATE)
  model.compile({ optimizer, loss: subject.loss, metrics: subject.metrics })
  try {
    const epochs = Math.ceil(STEPS / Math.ceil(countOf(data) / BATCH))
    await model.fit(inputs, data.targets!, { epochs, batchSize: BATCH, verbose: 0 })
    const result = model.evaluate(heldInputs, held.targets!, { batchSize: BATCH })
    const scalars = Array.isArray(result) ? result : [result]
    const values = await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0]!))
    tf.dispose(scalars)
    return Object.fromEntries(values.map((value, index) => [model.metricsNames[index]!, value]))
  } finally {
    model.dispose()
    optimizer.dispose()
    tf.dispose([inputs, heldInputs])
  }
}

/** How the last layer bounds the answers; others, such as relu, would stop a constant from learning. */
function activationOf(model: LayersModel): 'softmax' | 'sigmoid' | 'tanh' | 'linear' {
  const last = model.layers.at(-1)!
  const { activation } = last.getConfig()
  const name = last.getClassName() === 'Softmax' ? 'softmax' : String(activation)
  return bounded.includes(name) ? (name as 'softmax') : 'linear'
}
