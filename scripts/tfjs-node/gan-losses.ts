// Losses of training steps of a GAN on an engine, from one seed: node … gan-losses.ts ENGINE STEPS
import { type EngineName, useEngine } from '@dlkit/engine'
import * as tf from '@tensorflow/tfjs-core'
import { pix2pix } from '../../bench/pix2pix.js'
import { seedRandom } from '../seed-random.js'

const [engine, steps] = process.argv.slice(2)
await useEngine({ prefer: engine as EngineName, threads: 2 })
seedRandom()
const { step } = pix2pix(64, 4)
const losses: number[][] = []
const tensors: number[] = []
const started = performance.now()
for (let i = 0; i < Number(steps); i++) {
  losses.push([...step()])
  tensors.push(tf.memory().numTensors)
}
const milliseconds = (performance.now() - started) / Number(steps)
console.log(JSON.stringify({ losses, tensors, milliseconds }))
