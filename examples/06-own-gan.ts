// A GAN of your own from the blocks: learns a ring of eight spots, with two monitors' eyes on it.
//   npm run example examples/06-own-gan.ts
import { useEngine } from '@dlkit/engine'
import { binaryCrossEntropy as bce } from '@dlkit/gan-colorize'
import { LeakyReLU, SpectralNormalization } from '@dlkit/layers'
import { Monitor } from '@dlkit/monitors'
import { ExponentialMovingAverage } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const [BATCH, NOISE, STEPS, SPOTS] = [64, 8, 1200, 8]
let draws = 0
const normal = (shape: number[], stddev: number) => tf.randomNormal(shape, 0, stddev, 'float32', draws++)

/** Points around eight spots on a circle of radius 1: `[BATCH, 2]`. */
const ring = () =>
  tf.tidy(() => {
    const spots = Array.from({ length: BATCH }, (_, i) => (2 * Math.PI * (i % SPOTS)) / SPOTS)
    return tf.add(
      tf.tensor2d(spots.map((angle) => [Math.cos(angle), Math.sin(angle)])),
      normal([BATCH, 2], 0.05),
    )
  })

await useEngine()
const dense = (units: number, inputShape?: number[]) =>
  layers.dense({ units, ...(inputShape && { inputShape }) })
const generator = sequential({
  layers: [dense(64, [NOISE]), layers.reLU(), dense(64), layers.reLU(), dense(2)],
})
// Spectral normalization keeps the discriminator from becoming so steep that the generator gets no direction.
const discriminator = sequential({
  layers: [
    new SpectralNormalization({ layer: dense(64), inputShape: [2] }),
    new LeakyReLU({ alpha: 0.2 }),
    new SpectralNormalization({ layer: dense(64) }),
    new LeakyReLU({ alpha: 0.2 }),
    dense(1),
  ],
})
const [optimizerG, optimizerD] = [tf.train.adam(1e-3, 0.5), tf.train.adam(2e-3, 0.5)]
const players = {
  generator: { model: generator, optimizer: optimizerG },
  discriminator: { model: discriminator, optimizer: optimizerD },
}
const average = new ExponentialMovingAverage(generator, { decay: 0.99 })
const monitor = new Monitor({ sinks: [] })
monitor.attachGan(players)

const paint = () => generator.apply(normal([BATCH, NOISE], 1), { training: true }) as tf.Tensor
const score = (points: tf.Tensor) => discriminator.apply(points, { training: true }) as tf.Tensor
const weightsOf = (model: typeof generator) =>
  model.trainableWeights.map((weight) => weight.read() as tf.Variable)

for (let step = 1; step <= STEPS; step++) {
  const real = ring()
  const lossD = optimizerD.minimize(
    () => bce.discriminator(score(real), score(paint())),
    true,
    weightsOf(discriminator),
  )!
  const lossG = optimizerG.minimize(() => bce.generator(score(paint())), true, weightsOf(generator))!
  average.update()
  await monitor.step({ losses: { generator: lossG, discriminator: lossD } })
  tf.dispose([real, lossD, lossG])
}

await average.apply(() => {
  const points = tf.tidy(() => (generator.predict(normal([512, NOISE], 1)) as tf.Tensor2D).arraySync())
  const near = points.filter(([x, y]) => Math.abs(Math.hypot(x!, y!) - 1) < 0.3)
  const found = new Set(
    near.map(([x, y]) => Math.round((Math.atan2(y!, x!) * SPOTS) / (2 * Math.PI) + SPOTS) % SPOTS),
  )
  console.log(`${Math.round((100 * near.length) / 512)} % near the ring, ${found.size} of ${SPOTS} spots`)
})
for (const { rule, message } of monitor.findings) console.log(`${rule}: ${message}`)
await monitor.dispose()
