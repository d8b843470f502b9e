import { useOnnxRuntime, onnxruntimeStats, resetOnnxruntimeStats } from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
await useOnnxRuntime({threads:1})
for (const val of [true,false]) for (const n of [11, 12, 37]) {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
        tfl.layers.flatten(),
        tfl.layers.dropout({ rate: 0.25, seed: 3 }),
        tfl.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    })
  const x = tf.randomNormal([n,8,8,1]); const y = tf.oneHot(tf.cast(tf.mod(tf.range(0,n,1,'int32'),3),'int32'), 3)
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  const out: string[] = []
  await model.fit(x, y, { epochs: 9, batchSize: 4, verbose: 0, ...(val && {validationData: [x, y]}), callbacks: { onEpochEnd: () => { const s = onnxruntimeStats(); out.push(`${s.flushes}/${s.compiles}`); resetOnnxruntimeStats() } } })
  console.log(val, n, out.join(' '))
}
