import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dropout } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { onTestFinished } from 'vitest'
import { modelTensors } from '../src/index.js'

/** A classifier with everything that a checkpoint must not forget: batch statistics, dropout counters, moments. */
export function classifier(optimizer: tf.Optimizer | string = tf.train.adam(0.02)): tfl.LayersModel {
  const kernel = (seed: number) => ({ kernelInitializer: tfl.initializers.glorotNormal({ seed }) })
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 6, inputShape: [3], name: 'first', ...kernel(5) }),
      tfl.layers.batchNormalization({ name: 'norm' }),
      new Dropout({ rate: 0.3, seed: 4, name: 'drop' }),
      tfl.layers.dense({ units: 2, activation: 'softmax', name: 'last', ...kernel(6) }),
    ],
  })
  model.compile({ optimizer: optimizer as tf.Optimizer, loss: 'categoricalCrossentropy', metrics: ['acc'] })
  return model
}

/** `samples` of two classes that overlap, the same for a seed. */
export function samplesOf(count: number, seed: number): [x: tf.Tensor2D, y: tf.Tensor2D] {
  return tf.tidy(() => {
    const x = tf.randomNormal([count, 3], 0, 1, 'float32', seed) as tf.Tensor2D
    const noise = tf.randomNormal([count], 0, 0.8, 'float32', seed + 1)
    const isSecond = tf.greater(tf.add(tf.sum(x, 1), noise), 0)
    return [x, tf.cast(tf.oneHot(tf.cast(isSecond, 'int32'), 2), 'float32') as tf.Tensor2D]
  })
}

export function bitsOf(model: tfl.LayersModel): [string, number[]][] {
  return Object.entries(modelTensors(model)).map(([name, tensor]) => [name, Array.from(tensor.dataSync())])
}

/** A folder that is removed when the test has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-training-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
