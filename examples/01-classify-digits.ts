// Reads noisy digits: checked before the training, watched while it goes on. Run it with:
//   npm run example examples/01-classify-digits.ts
import { initialLoss, overfitTinySet } from '@dlkit/checks'
import { useEngine } from '@dlkit/engine'
import { Monitor, monitorCallback } from '@dlkit/monitors'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

// Five columns and seven rows of each digit, row by row in hexadecimal.
const FONT = [
  '0e11131519110e', '040c040404040e', '0e11010204081f', '1f02040201110e', '02060a121f0202',
  '1f101e0101110e', '0608101e11110e', '1f010204080808', '0e11110e11110e', '0e11110f01020c',
] // biome-ignore format: two lines of five digits

/** Digits at random places in noise: pictures `[count, 12, 12, 1]` in [0, 1.3], labels `[count, 10]`. */
function digits(count: number, seed: number) {
  return tf.tidy(() => {
    const noise = tf.randomUniform([count, 12, 12, 1], 0, 0.3, 'float32', seed)
    const places = tf.randomUniform([count, 2], 0, 5, 'float32', seed + 1).arraySync() as number[][]
    const ink = tf.buffer([count, 12, 12, 1])
    places.forEach(([down, right], i) => {
      for (let row = 0; row < 7; row++) {
        const bits = Number.parseInt(FONT[i % 10]!.slice(2 * row, 2 * row + 2), 16)
        for (let column = 0; column < 5; column++) {
          if ((bits >> (4 - column)) & 1)
            ink.set(1, i, Math.floor(down!) + row, Math.floor(right!) + column, 0)
        }
      }
    })
    const labels = tf.oneHot(
      tf.tensor1d(
        places.map((_, i) => i % 10),
        'int32',
      ),
      10,
    )
    return { inputs: tf.add(noise, ink.toTensor()), targets: labels }
  })
}

await useEngine()
const model = sequential({
  layers: [
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [12, 12, 1] }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.flatten(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
})
model.compile({ optimizer: tf.train.adam(0.005), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
const [train, held] = [digits(1000, 1), digits(300, 7)]

// Before: does the loss start where a guess would be, and can eight digits be learned by heart?
for (const check of [initialLoss, overfitTinySet]) {
  const { verdict, evidence, practice } = await check(model, train)
  console.log(`${verdict} (${practice}): ${evidence}`)
}

// While it trains: findings say what is wrong, and what to do first.
const monitor = new Monitor({ sinks: [] })
await model.fit(train.inputs, train.targets, {
  epochs: 5,
  batchSize: 32,
  verbose: 0,
  callbacks: monitorCallback(monitor),
})
for (const { severity, message, remedy } of monitor.findings)
  console.log(`${severity}: ${message}\n  → ${remedy}`)

const [, accuracy] = model.evaluate(held.inputs, held.targets) as tf.Scalar[]
console.log(`held-out accuracy ${accuracy!.dataSync()[0]!.toFixed(3)}, ${monitor.findings.length} findings`)
