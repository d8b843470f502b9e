import { groupLasso, l1, l2, type Regularizer, type Sparsity, sparsity } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

const INPUTS = 20
const USED = 4
const HIDDEN = 24
const EXAMPLES = 256

export interface Trained {
  name: string
  /** Mean squared error on new examples. */
  error: number
  sparsity: Sparsity
  /** The first kernel, `[inputs][hidden units]`. */
  kernel: number[][]
}

export const penalties: Record<string, () => Regularizer | undefined> = {
  'no penalty': () => undefined,
  'L2, rate 0.01': () => l2(0.01),
  'L1, rate 0.01': () => l1(0.01),
  'group lasso of inputs, rate 0.01': () => groupLasso({ rate: 0.01, groups: 'inputs' }),
}

/** A target that depends on the first 4 of 20 inputs only, with noise. */
function examples(seed: number): { x: tf.Tensor2D; y: tf.Tensor2D } {
  return tf.tidy(() => {
    const x = tf.randomNormal([EXAMPLES, INPUTS], 0, 1, 'float32', seed) as tf.Tensor2D
    const [a, b, c, d] = tf.split(tf.slice(x, [0, 0], [EXAMPLES, USED]), USED, 1) as tf.Tensor2D[]
    const clean = tf.add(tf.mul(a!, b!), tf.sub(tf.relu(c!), tf.mul(0.5, d!)))
    return { x, y: tf.add(clean, tf.randomNormal([EXAMPLES, 1], 0, 0.1, 'float32', seed + 1)) }
  })
}

/** Trains the same small network with one penalty on its first kernel. */
export async function trainWith(name: string, epochs: number): Promise<Trained> {
  const kernelRegularizer = penalties[name]!()
  const first = tfl.layers.dense({
    units: HIDDEN,
    inputShape: [INPUTS],
    activation: 'relu',
    kernelInitializer: tfl.initializers.heNormal({ seed: 1 }),
    ...(kernelRegularizer && { kernelRegularizer }),
  })
  const last = tfl.layers.dense({ units: 1, kernelInitializer: tfl.initializers.heNormal({ seed: 2 }) })
  const model = tfl.sequential({ layers: [first, last] })
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' })
  const [training, test] = [examples(10), examples(20)]
  await model.fit(training.x, training.y, { epochs, batchSize: EXAMPLES, shuffle: false, verbose: 0 })
  const error = tf.tidy(() => tf.losses.meanSquaredError(test.y, model.predict(test.x) as tf.Tensor))
  const kernel = first.getWeights()[0] as tf.Tensor2D
  const trained = {
    name,
    error: (await error.data())[0]!,
    sparsity: await sparsity(tfl.sequential({ layers: [first] }), { threshold: 0.01 }),
    kernel: await kernel.array(),
  }
  tf.dispose([training, test, error])
  model.dispose()
  return trained
}
