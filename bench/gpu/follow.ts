// Whether a GPU computes what the processors compute, over many steps: node follow.ts [STEPS SIZE BATCH]
// Both do the same step from the same variables; then those of the processors are the next ones of both. A run of its own
// drifts away however small the differences are, as any two ways of rounding do: `apart` says how far, and `rounding` how
// far the processors are from themselves where products are rounded differently (without compiled operators).
// Prints one JSON line: the largest relative differences of losses, and of variables by their largest number.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compileStep, useOnnxRuntime } from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'
import '../../scripts/seed-random.js'
import { pix2pix } from '../pix2pix.js'

interface Side {
  backend: string
  step: () => Float32Array
  variables: tf.Variable[]
}

const [count = 200, size = 64, batch = 8] = process.argv.slice(2).map(Number)
const processors = await side('onnxruntime', 'cpu')
const gpu = await side('onnxruntime-cuda', 'gpu')
const differences = { losses: 0, variables: 0 }
follow()
for (let i = 0; i < count; i++) {
  const [expected, got] = [processors, gpu].map(stepOf) as [Float32Array, Float32Array]
  const ofLosses = [...expected].map((x, j) => Math.abs(got[j]! - x) / Math.abs(x))
  differences.losses = Math.max(differences.losses, ...ofLosses)
  const ofVariables = processors.variables.map((variable, j) =>
    furthest(variable.dataSync<'float32'>(), gpu.variables[j]!.dataSync<'float32'>()),
  )
  differences.variables = Math.max(differences.variables, ...ofVariables)
  follow()
}
const [own, others, again] = [['gpu'], ['cpu'], ['cpu', '0']].map(([device, native]) =>
  lossesOf(device!, native),
)
console.log(JSON.stringify({ ...differences, apart: drift(own!, others!), rounding: drift(again!, others!) }))

/** A model on a device, and all variables of it and its optimizers, which the first step makes. */
async function side(backend: string, device: 'cpu' | 'gpu'): Promise<Side> {
  const known = new Set(Object.keys(tf.engine().state.registeredVariables))
  await useOnnxRuntime({ device, tf32: false })
  const compiled = compileStep(pix2pix(size, batch).losses)
  const step = () => {
    const losses = compiled()
    const values = losses.dataSync<'float32'>()
    losses.dispose()
    return values
  }
  step()
  const variables = Object.entries(tf.engine().state.registeredVariables)
    .filter(([name]) => !known.has(name))
    .map(([, variable]) => variable)
  return { backend, step, variables }
}

/** Gives the GPU the variables of the processors. */
function follow(): void {
  tf.setBackend(gpu.backend)
  for (const [i, variable] of processors.variables.entries()) {
    const values = variable.dataSync()
    tf.tidy(() => gpu.variables[i]!.assign(tf.tensor(values, variable.shape, variable.dtype)))
  }
}

function stepOf({ backend, step }: Side): Float32Array {
  tf.setBackend(backend)
  return step()
}

function furthest(x: Float32Array, y: Float32Array): number {
  let largest = 1e-6
  let difference = 0
  for (const [i, value] of x.entries()) {
    largest = Math.max(largest, Math.abs(value))
    difference = Math.max(difference, Math.abs(value - y[i]!))
  }
  return difference / largest
}

/** Losses of a run of its own. */
function lossesOf(device: string, native?: string): number[][] {
  const steps = fileURLToPath(import.meta.url).replace(/follow(\.\w+)$/, 'steps$1')
  const args = [...process.execArgv, steps, device, size, batch, count, 'exact'].map(String)
  const env = { ...process.env, ...(native !== undefined && { DLKIT_NATIVE: native }) }
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env, maxBuffer: 2 ** 28 })
  const last = stdout.trim().split('\n').at(-1) ?? ''
  if (!last.startsWith('{')) throw new Error(stderr)
  return JSON.parse(last).losses
}

/** The largest relative difference within 1, 10, 50 … steps. */
function drift(x: number[][], y: number[][]): Record<string, number> {
  const relative = x.map((losses, i) => Math.max(...losses.map((loss, j) => Math.abs(loss / y[i]![j]! - 1))))
  return Object.fromEntries(
    [1, 10, 50, 100, 200].filter((n) => n <= count).map((n) => [n, Math.max(...relative.slice(0, n))]),
  )
}
