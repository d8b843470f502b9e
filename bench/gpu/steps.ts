// Steps of the reference model on a device: node steps.ts cpu|gpu SIZE BATCH STEPS [exact]
// Prints one JSON line: milliseconds of each step, losses, and memory when the first fifth of the steps is done and at the end.
import { compileStep, onnxruntimeStats, useOnnxRuntime } from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'
import '../../scripts/seed-random.js'
import { pix2pix } from '../pix2pix.js'

const [device = 'cpu', ...rest] = process.argv.slice(2)
const [size = 64, batch = 8, count = 20] = rest.slice(0, 3).map(Number)
await useOnnxRuntime({ device: device as 'cpu' | 'gpu', tf32: rest[3] !== 'exact' })
const step = compileStep(pix2pix(size, batch).losses)
const times: number[] = []
const losses: number[][] = []
const memory: Record<string, number>[] = []
for (let i = 1; i <= count; i++) {
  const start = performance.now()
  const result = step()
  losses.push([...result.dataSync<'float32'>()])
  result.dispose()
  times.push(performance.now() - start)
  if (i === Math.ceil(count / 5) || i === count) memory.push(inUse())
}
const { milliseconds, fallbacks } = onnxruntimeStats()
const compileMs = milliseconds.compile
console.log(JSON.stringify({ times, losses, memory, compileMs, fallbacks, calls: step.calls }))

function inUse(): Record<string, number> {
  const { numTensors, numBytesInGPUAllocated = 0 } = tf.memory() as tf.MemoryInfo & {
    numBytesInGPUAllocated?: number
  }
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20)
  return {
    tensors: numTensors,
    deviceMb: megabytes(numBytesInGPUAllocated),
    residentMb: megabytes(process.memoryUsage.rss()),
  }
}
