// Trains a network of networks.ts step by step, as bench/models.ts asks for it line by line.
// worker.ts NAME FOLDER THREADS MODE     (MODE: compileStep, program)
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { compileStep } from '@dlkit/backend-onnxruntime'
import { useEngine } from '@dlkit/engine'
import * as tf from '@tensorflow/tfjs-core'
import type { Description } from '../models.js'
import { networks } from './networks.js'

const [name, folder, threads, mode] = process.argv.slice(2) as [string, string, string, string]
const { version } = await useEngine({ prefer: 'onnxruntime', threads: Number(threads) })
const description: Description = JSON.parse(readFileSync(`${folder}/network.json`, 'utf8'))
const { model, layers, classes } = networks[name]!()

const arrays = (file: string, shapes: number[][]): tf.Tensor[] => {
  const bytes = readFileSync(`${folder}/${file}`)
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  let start = 0
  return shapes.map((shape) => {
    const size = tf.util.sizeFromShape(shape)
    start += size
    return tf.tensor(values.subarray(start - size, start), shape)
  })
}

const weights = arrays('weights.bin', description.weights)
const variables = layers.flatMap((layer) => layer.weights)
for (const [i, variable] of variables.entries()) variable.write(weights[i]!)
const optimizer = tf.train.adam(1e-4)
const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable)

const lossOf = (tensors: tf.Tensor[]): tf.Scalar => {
  const inputs = tensors.slice(0, -1)
  const targets = tensors.at(-1)!
  const output = model.apply(inputs, { training: true }) as tf.Tensor
  if (classes === undefined) return tf.losses.meanSquaredError(targets, output)
  const labels = tf.oneHot(tf.cast(tf.reshape(targets, [-1]), 'int32'), classes)
  return tf.losses.softmaxCrossEntropy(labels, tf.reshape(output, [-1, classes]))
}
const program = (...tensors: tf.Tensor[]) =>
  tf.tidy(() => optimizer.minimize(() => lossOf(tensors), true, trainable)!)
const compiled = compileStep(program)
const step = mode === 'compileStep' ? compiled : program

let done = 0
for await (const line of createInterface(process.stdin)) {
  const times: number[] = []
  const losses: number[] = []
  for (let i = 0; i < Number(line); i++) {
    const tensors = arrays(`batch-${done++ % description.batches}.bin`, description.batch)
    const start = performance.now()
    const loss = step(...tensors)
    losses.push(loss.dataSync()[0]!)
    times.push(performance.now() - start)
    tf.dispose([loss, tensors])
  }
  const megabytes = process.resourceUsage().maxRSS / 1024
  console.log(JSON.stringify({ version, times, losses, megabytes, recorded: compiled.calls.recorded }))
}
