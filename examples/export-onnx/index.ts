// Learns on 12 × 12 pictures to find a bright spot, becomes an ONNX file, and finds one in a 32 × 20 picture in ONNX
// Runtime, without TensorFlow.js. Run it with: npm start -w example-export-onnx
import { exportOnnx, useOnnxRuntime } from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** Noise, and in each picture one pixel and its neighbours that are brighter; the answer is where. */
function spots(
  count: number,
  height: number,
  width: number,
  seed: number,
): { x: tf.Tensor4D; y: tf.Tensor4D } {
  return tf.tidy(() => {
    const place = tf.cast(tf.floor(tf.randomUniform([count], 0, height * width, 'float32', seed)), 'int32')
    const y = tf.reshape(tf.oneHot(place, height * width), [count, height, width, 1]) as tf.Tensor4D
    const blurred = tf.avgPool(tf.cast(y, 'float32') as tf.Tensor4D, 3, 1, 'same')
    const noise = tf.randomUniform([count, height, width, 1], 0, 0.5, 'float32', seed + 1)
    return { x: tf.add(noise, tf.mul(blurred, 6)) as tf.Tensor4D, y: tf.cast(y, 'float32') as tf.Tensor4D }
  })
}

const convolution = (filters: number, activation: 'relu' | 'sigmoid', seed: number) => ({
  filters,
  kernelSize: 3,
  padding: 'same' as const,
  activation,
  kernelInitializer: initializers.heNormal({ seed }),
})

await useOnnxRuntime()
const model = sequential({
  name: 'spots',
  layers: [
    layers.conv2d({ ...convolution(8, 'relu', 1), inputShape: [null, null, 1] }),
    layers.batchNormalization({ momentum: 0.9 }),
    layers.dropout({ rate: 0.1, seed: 1 }),
    layers.conv2d({ ...convolution(1, 'sigmoid', 2), name: 'heat' }),
  ],
})
model.compile({ optimizer: tf.train.adam(0.02), loss: 'binaryCrossentropy' })
const { x, y } = spots(512, 12, 12, 3)
await model.fit(x, y, { epochs: 8, batchSize: 32, shuffle: false, verbose: 0 })

const file = await exportOnnx(model, { metadata: { task: 'find the bright spot' } })
console.log(`spots.onnx: ${file.length} bytes for ${model.countParams()} parameters`)
// await writeFile('spots.onnx', file)

const test = spots(1, 32, 20, 7)
const session = await InferenceSession.create(file)
const picture = new Tensor('float32', (await test.x.data()) as Float32Array, [1, 32, 20, 1])
const results = await session.run({ [session.inputNames[0]!]: picture })
const heat = results.heat!.data as Float32Array
await session.release()
const found = heat.indexOf(Math.max(...heat))
const [wanted] = await tf.argMax(tf.reshape(test.y, [-1])).data()
const pixel = (index: number) => `row ${Math.floor(index / 20)}, column ${index % 20}`
console.log(`ONNX Runtime finds the spot at ${pixel(found)}; it is at ${pixel(wanted!)}`)

const difference = tf.max(tf.abs(tf.sub(model.predict(test.x) as tf.Tensor, tf.tensor(heat, [1, 32, 20, 1]))))
console.log(`largest difference from TensorFlow.js: ${(await difference.data())[0]!.toExponential(0)}`)
