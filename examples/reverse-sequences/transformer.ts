import { MultiHeadAttention, RMSNormalization } from '@dlkit/layers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

const LENGTH = 12
const SYMBOLS = 10
const FEATURES = 32
const HEADS = 2
const BATCH = 64

/** One layer of a transformer encoder. Letters: B batch, L positions, S symbols, F features. */
export function buildTransformer(seed: number): tfl.LayersModel {
  let next = seed * 100
  const dense = (units: number, activation: 'linear' | 'relu' = 'linear') =>
    tfl.layers.dense({ units, activation, kernelInitializer: tfl.initializers.heNormal({ seed: next++ }) })
  const apply = (layer: tfl.layers.Layer, x: tfl.SymbolicTensor | tfl.SymbolicTensor[]) =>
    layer.apply(x) as tfl.SymbolicTensor
  const add = (x: tfl.SymbolicTensor, y: tfl.SymbolicTensor) => apply(tfl.layers.add(), [x, y])

  // A one-hot symbol and a one-hot position: their sum, projected, is a learned embedding of both.
  const input = tfl.input({ shape: [LENGTH, SYMBOLS + LENGTH] }) // [B, L, S + L]
  let x = apply(dense(FEATURES), input) // [B, L, F]
  const attention = new MultiHeadAttention({
    numHeads: HEADS,
    keyDim: FEATURES / HEADS,
    kernelInitializer: tfl.initializers.glorotNormal({ seed: next++ }),
  })
  x = add(x, apply(attention, apply(new RMSNormalization(), x)))
  x = add(x, apply(dense(FEATURES), apply(dense(2 * FEATURES, 'relu'), apply(new RMSNormalization(), x))))
  return tfl.model({ inputs: input, outputs: apply(dense(SYMBOLS), apply(new RMSNormalization(), x)) }) // [B, L, S]
}

/** Random sequences with their positions, and the same sequences reversed, as symbols. */
function sequences(count: number, seed: number): { x: tf.Tensor; reversed: tf.Tensor } {
  return tf.tidy(() => {
    const symbols = tf.floor(tf.randomUniform([count, LENGTH], 0, SYMBOLS, 'float32', seed))
    const oneHot = tf.cast(tf.oneHot(tf.cast(symbols, 'int32'), SYMBOLS), 'float32')
    const positions = tf.tile(tf.expandDims(tf.eye(LENGTH), 0), [count, 1, 1])
    return { x: tf.concat([oneHot, positions], 2), reversed: tf.reverse(symbols, 1) }
  })
}

function meanCrossEntropy(logits: tf.Tensor, symbols: tf.Tensor): tf.Scalar {
  const labels = tf.oneHot(tf.cast(symbols, 'int32'), SYMBOLS)
  return tf.losses.softmaxCrossEntropy(labels, logits) as tf.Scalar
}

/** Share of the symbols of new sequences that the model gets right. */
export async function accuracy(model: tfl.LayersModel, seed: number): Promise<number> {
  const right = tf.tidy(() => {
    const { x, reversed } = sequences(500, seed)
    const guessed = tf.argMax(model.predict(x) as tf.Tensor, 2)
    return tf.mean(tf.cast(tf.equal(guessed, tf.cast(reversed, 'int32')), 'float32'))
  })
  const [share] = await right.data()
  right.dispose()
  return share!
}

export interface Progress {
  step: number
  loss: number
  accuracy: number
}

/** Trains until `accuracy` on new sequences is reached, at most `steps` steps. */
export async function train(
  model: tfl.LayersModel,
  options: { seed: number; steps: number; accuracy: number; onProgress?: (progress: Progress) => void },
): Promise<Progress> {
  const optimizer = tf.train.adam(2e-3)
  let progress: Progress = { step: 0, loss: Number.NaN, accuracy: 0 }
  for (let step = 1; step <= options.steps && progress.accuracy < options.accuracy; step++) {
    const { x, reversed } = sequences(BATCH, options.seed * 1e6 + step)
    const loss = optimizer.minimize(
      () => meanCrossEntropy(model.apply(x, { training: true }) as tf.Tensor, reversed),
      true,
    )!
    if (step % 20 === 0) {
      const [value] = await loss.data()
      progress = { step, loss: value!, accuracy: await accuracy(model, options.seed * 1e6) }
      options.onProgress?.(progress)
    }
    tf.dispose([x, reversed, loss])
  }
  optimizer.dispose()
  return progress
}
