// Steps of the reference GAN on an engine, from one seed: node … engine-steps.ts ENGINE SIZE BATCH STEPS
import { compileStep, onnxruntimeStats } from '@dlkit/backend-onnxruntime'
import { type EngineName, useEngine } from '@dlkit/engine'
import * as tf from '@tensorflow/tfjs-core'
import { pix2pix } from '../bench/pix2pix.js'
import { seedRandom } from './seed-random.js'

export interface Steps {
  version: string
  /** Of the discriminator and of the generator, step by step. */
  losses: [number, number][]
  /** Milliseconds of each step. */
  times: number[]
  /** How many tensors there are after each step. */
  tensors: number[]
  /** Kernels that plain JavaScript computed for the engine. */
  fallbacks: string[]
  /** Largest resident memory of the process. */
  megabytes: number
}

const [name, ...sizes] = process.argv.slice(2)
const [size, batch, steps] = sizes.map(Number)
const { version } = await useEngine({ prefer: name as EngineName, threads: 2 })
const plain = countCalls()
seedRandom()
const { losses: run } = pix2pix(size!, batch!)
const compiled = name!.startsWith('onnxruntime') ? compileStep(run) : run
const result: Steps = { version, losses: [], times: [], tensors: [], fallbacks: [], megabytes: 0 }
for (let i = 0; i < steps!; i++) {
  const start = performance.now()
  const losses = compiled()
  result.losses.push([...losses.dataSync()] as [number, number])
  losses.dispose()
  result.times.push(performance.now() - start)
  result.tensors.push(tf.memory().numTensors)
}
result.fallbacks = name!.startsWith('onnxruntime') ? Object.keys(onnxruntimeStats().fallbacks) : [...plain]
result.megabytes = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify(result))

/** The names of the cpu kernels that are called from now on. */
function countCalls(): Set<string> {
  const called = new Set<string>()
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    tf.unregisterKernel(kernel.kernelName, 'cpu')
    tf.registerKernel({
      ...kernel,
      kernelFunc: (parameters) => {
        called.add(kernel.kernelName)
        return kernel.kernelFunc(parameters)
      },
    })
  }
  return called
}
