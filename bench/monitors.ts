// What monitors cost: the step of pix2pix-64 with and without them, as ratios from alternating runs on one engine.
// npm run bench:monitors [-- steps rounds filters]; 10 steps, 5 rounds and 32 filters by default; steps in tens.

import { useEngine } from '@dlkit/engine'
import { ColorGan, configSchema } from '@dlkit/gan-colorize'
import { Monitor } from '@dlkit/monitors'
import { StandardScaler } from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'

const [steps = 10, rounds = 5, filters = 32] = process.argv.slice(2).map(Number)
const { name, version } = await useEngine()

const config = configSchema.parse({
  size: 64,
  batch: 8,
  model: { filters, discriminatorFilters: filters, levels: 4, attention: false, dropout: 0 },
})
const line = tf.randomUniform([8, 64, 64, 1], -1, 1, 'float32', 1) as tf.Tensor4D
const colour = tf.randomUniform([8, 64, 64, 3], -1, 1, 'float32', 2) as tf.Tensor4D
const scaler = await new StandardScaler().fit(line)

interface Setting {
  name: string
  gan: ColorGan
  monitor?: Monitor
  /** Milliseconds per step of each round. */
  times: number[]
}

function setting(name: string, every?: number): Setting {
  const gan = new ColorGan(config, scaler)
  if (every === undefined) return { name, gan, times: [] }
  const monitor = new Monitor({ every, sinks: [] })
  gan.watch(monitor)
  return { name, gan, monitor, times: [] }
}

async function run({ gan, monitor }: Setting, count: number): Promise<number> {
  const started = performance.now()
  for (let step = 0; step < count; step++) {
    const { losses, fake, scores } = gan.update(line, colour)
    await monitor?.step({ losses, inputs: line, outputs: fake, targets: colour, ...(scores && { scores }) })
    await losses.generator!.data() // read already, where the monitor looked
    tf.dispose([losses, fake, scores ?? []])
  }
  return (performance.now() - started) / count
}

const settings = [setting('bare'), setting('every 10 steps', 10), setting('everything, every step', 1)]
const parameters = settings[0]!.gan.generator.countParams() + settings[0]!.gan.discriminator.countParams()
console.log(
  `${name} ${version}, Node ${process.versions.node}; ${parameters} parameters, ${rounds} rounds of ${steps} steps`,
)
for (const each of settings) await run(each, 30) // until the engine knows its graphs, and past the look at step 1
for (let round = 0; round < rounds; round++) {
  for (const each of settings) each.times.push(await run(each, steps))
}
const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const ratios = (each: Setting) => each.times.map((time, round) => time / settings[0]!.times[round]!)
for (const each of settings) {
  const overhead = 100 * (median(ratios(each)) - 1)
  console.log(
    `${each.name.padEnd(24)} ${median(each.times).toFixed(1).padStart(8)} ms/step  ${overhead.toFixed(1).padStart(6)} %`,
  )
}
