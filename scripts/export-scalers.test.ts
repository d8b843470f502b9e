import '@tensorflow/tfjs-backend-cpu'
import { exportOnnx } from '@dlkit/backend-onnxruntime'
import {
  MinMaxScaler,
  PowerScaler,
  QuantileScaler,
  RobustScaler,
  type Scaler,
  ScalerLayer,
  StandardScaler,
} from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'
import { input, model, type SymbolicTensor } from '@tensorflow/tfjs-layers'
import { beforeAll, describe, test } from 'vitest'
import { expectSameOutputs } from '../packages/backend-onnxruntime/tests/round-trip.js'

const rows = Array.from({ length: 40 }, (_, i) => [
  ((i * 17) % 40) - 12,
  Math.exp(((i * 7) % 40) / 9),
  -(((i * 11) % 40) ** 2),
])
const scalers: [string, Scaler][] = [
  ['StandardScaler', new StandardScaler()],
  ['MinMaxScaler', new MinMaxScaler()],
  ['RobustScaler', new RobustScaler()],
  ['QuantileScaler', new QuantileScaler()],
  ['QuantileScaler to normal', new QuantileScaler({ output: 'normal', numQuantiles: 9 })],
  ['PowerScaler', new PowerScaler()],
]

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe('a scaler within a model is exported with open sizes and gives the same outputs', () => {
  test.each(scalers)('%s', async (_, scaler) => {
    await scaler.fit(rows)
    for (const inverse of [false, true]) {
      const x = input({ shape: [null, 3] as unknown as number[] })
      const y = new ScalerLayer({ scaler, inverse }).apply(x) as SymbolicTensor
      const source = model({ inputs: x, outputs: y })
      const batches = [rows.slice(0, 2), rows.slice(3, 12), [...rows, [-99, 0, 99]]].map((batch) => {
        const values = inverse
          ? tf.clipByValue(scaler.transform(tf.tensor2d(batch)), -3, 3)
          : tf.tensor2d(batch)
        return [tf.expandDims(values, 0)]
      })
      await expectSameOutputs(
        await exportOnnx(source),
        (values) => source.predict(values!) as tf.Tensor,
        batches,
      )
    }
  })
})
