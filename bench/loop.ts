// What the loop, its callbacks for fit, and a chain of optimizers cost, as ratios from alternating rounds on one engine.
// npm run bench:loop [-- steps rounds]; 10 steps and 9 rounds by default. Processor time counts, so that other programs do not.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileStep } from '@dlkit/backend-onnxruntime'
import { useEngine } from '@dlkit/engine'
import { adamW, chain, clipByGlobalNorm, cosine, ExponentialMovingAverage } from '@dlkit/optimizers'
import {
  type Callback,
  earlyStop,
  fitCallback,
  learningRate,
  logMetrics,
  progress,
  RunFolder,
  runSteps,
  watchLosses,
} from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'

const [steps = 10, rounds = 9] = process.argv.slice(2).map(Number)
const { name, version } = await useEngine({ threads: 1 })
const BATCH = 32
const EMPTY = 1000
const folder = mkdtempSync(join(tmpdir(), 'dlkit-bench-'))
const run = RunFolder.create(join(folder, 'run'), { config: {}, environment: {} })

const x = tf.randomNormal([BATCH, 32, 32, 3], 0, 1, 'float32', 1)
const y = tf.oneHot(tf.range(0, BATCH, 1, 'int32'), 10) as tf.Tensor2D

function network(optimizer: tf.Optimizer): LayersModel {
  const kernel = (seed: number) => ({ kernelInitializer: initializers.heNormal({ seed }) })
  const convolution = (filters: number, strides: number) =>
    layers.conv2d({
      filters,
      kernelSize: 3,
      strides,
      padding: 'same',
      activation: 'relu',
      ...kernel(filters),
    })
  const model = sequential()
  model.add(
    layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', inputShape: [32, 32, 3], ...kernel(1) }),
  )
  for (const filters of [32, 64, 64]) model.add(convolution(filters, 2))
  model.add(layers.flatten())
  model.add(layers.dense({ units: 128, activation: 'relu', ...kernel(2) }))
  model.add(layers.dense({ units: 10, activation: 'softmax', ...kernel(3) }))
  model.compile({ optimizer, loss: 'categoricalCrossentropy' })
  return model
}

interface Setting {
  name: string
  round: () => unknown
}

function stepOf(optimizer: tf.Optimizer, replayed: boolean, average = false) {
  const model = network(optimizer)
  const ema = average ? new ExponentialMovingAverage(model, { decay: 0.999 }) : undefined
  const loss = () =>
    tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar
  const byProgram = () => {
    const value = optimizer.minimize(loss, true)!
    ema?.update()
    return value
  }
  const once = replayed ? compileStep(byProgram) : byProgram
  return async () => {
    const value = once()
    const [number] = await value.data()
    value.dispose()
    return number!
  }
}

async function bareLoop(step: () => Promise<number>): Promise<void> {
  for (let i = 0; i < steps; i++) if (!Number.isFinite(await step())) throw new Error('NaN')
}

function callbacksFor(optimizer: tf.Optimizer): Callback[] {
  return [
    watchLosses({}),
    logMetrics(run),
    learningRate(optimizer, cosine({ from: 1e-3, to: 1e-4, steps: 10_000 })),
    earlyStop({ metric: 'loss', patience: 1e6 }),
    progress({ show: false }),
  ]
}

/** Steps that compute nothing: all that is left is the loop. */
function loopSettings(): [Setting, Setting] {
  const adam = tf.train.adam(1e-3)
  const step = async () => ({ loss: 0.5 })
  return [
    {
      name: 'a bare loop',
      round: async () => {
        for (let i = 0; i < EMPTY; i++) if (!Number.isFinite((await step()).loss)) throw new Error('NaN')
      },
    },
    {
      name: 'runSteps, 5 callbacks',
      round: () => runSteps({ from: 0, to: EMPTY, step, callbacks: callbacksFor(adam) }),
    },
  ]
}

/** The smallest network there is. */
function fitSettings(): [Setting, Setting] {
  const small = (optimizer: tf.Optimizer) => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] })
    model.compile({ optimizer, loss: 'meanSquaredError' })
    return model
  }
  const [adam, ones] = [tf.train.adam(1e-3), tf.ones([EMPTY, 1])]
  const [bare, model] = [small(tf.train.adam(1e-3)), small(adam)]
  const args = { batchSize: 1, epochs: 1, verbose: 0 } as const
  // What `fit` does for a callback that looks at losses: reading them.
  const reading = { onBatchEnd() {} }
  return [
    { name: 'fit', round: () => bare.fit(ones, ones, { ...args, callbacks: reading }) },
    {
      name: 'fit, 5 callbacks',
      round: () =>
        model.fit(ones, ones, { ...args, callbacks: fitCallback(callbacksFor(adam), { seed: 1 }) }),
    },
  ]
}

function optimizerSettings(replayed: boolean): [Setting, Setting] {
  const bare = stepOf(tf.train.adam(1e-3), replayed)
  const clipped = chain(clipByGlobalNorm(1), adamW({ learningRate: 1e-3 }))
  const chained = stepOf(clipped, replayed, true)
  return [
    { name: 'tf.train.adam', round: () => bareLoop(bare) },
    { name: 'clip, AdamW, EMA', round: () => bareLoop(chained) },
  ]
}

/** Milliseconds of the processor. */
async function processorTime({ round }: Setting): Promise<number> {
  const start = process.cpuUsage()
  await round()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Medians per step, of rounds in turn first and last, so that neither always follows the other. */
async function compare([first, second]: [Setting, Setting], count: number) {
  for (const each of [first, second, first, second]) await each.round() // until the engine knows its graphs
  const times: [number, number][] = []
  for (let round = 0; round < rounds; round++) {
    const isOdd = round % 2 === 1
    const [a, b] = isOdd ? [second, first] : [first, second]
    const [timeA, timeB] = [(await processorTime(a)) / count, (await processorTime(b)) / count]
    times.push(isOdd ? [timeB, timeA] : [timeA, timeB])
  }
  return {
    bare: median(times.map(([time]) => time)),
    difference: median(times.map(([time, other]) => other - time)),
  }
}

console.log(
  `${name} ${version}, Node ${process.versions.node}, one thread; ${rounds} rounds of ${steps} steps`,
)
const share = (difference: number, bare: number) => `${((100 * difference) / bare).toFixed(2)} %`
let shortest = Number.POSITIVE_INFINITY
for (const replayed of [false, true]) {
  const { bare, difference } = await compare(optimizerSettings(replayed), steps)
  shortest = Math.min(shortest, bare)
  console.log(
    `A step of the network with tf.train.adam, ${replayed ? 'replayed' : 'by its program'}: ${bare.toFixed(1)} ms of processor; ` +
      `with clip, AdamW and EMA: + ${difference.toFixed(2)} ms, ${share(difference, bare)}`,
  )
}
for (const settings of [loopSettings(), fitSettings()]) {
  const { difference } = await compare(settings, EMPTY)
  console.log(
    `${settings[1].name} instead of ${settings[0].name}: + ${(1000 * difference).toFixed(0)} µs, ${share(difference, shortest)} of the shorter step`,
  )
}
run.close()
rmSync(folder, { recursive: true })
