// Formulations of the same convolution as ONNX operators: the measurements behind the choices in
// packages/backend-onnxruntime/src/kernels/convolution.ts and blocked-convolution.ts.
// npx tsx bench/convolution-formulations.ts [THREADS]
import Table from 'cli-table3'
import { modelBytes, type NodeProto } from '../packages/backend-onnxruntime/src/graph/model-bytes.js'
import { cpuRuntime } from '../packages/backend-onnxruntime/src/native/runtime.js'
import { convolutionShapes } from './convolutions.js'

type Shape = readonly number[]
type Attributes = NodeProto['attributes']

const threads = Number(process.argv[2] ?? 2)
const blocked = 'com.microsoft.nchwc.'
const conv = (attributes: Attributes, op = 'Conv'): NodeProto[] => [
  { op, inputs: ['x', 'w'], outputs: ['y'], attributes },
]

/** Milliseconds of the fastest of 15 runs on random numbers. */
function fastest(nodes: NodeProto[], x: Shape, w: Shape, y: Shape): number {
  const value = (name: string, shape: Shape) => ({ name, type: 'float32' as const, shape })
  const model = { nodes, inputs: [value('x', x), value('w', w)], outputs: [value('y', y)], initializers: [] }
  const session = cpuRuntime().createSession(
    { bytes: modelBytes(model), inputs: ['x', 'w'], outputs: ['y'] },
    { threads },
  )
  const random = (shape: Shape) => {
    const size = shape.reduce((product, extent) => product * extent, 1)
    return { type: 'float32' as const, shape, data: Float32Array.from({ length: size }, Math.random) }
  }
  const inputs = [random(x), random(w)]
  const outputs = [random(y)]
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 15; run++) {
    const start = performance.now()
    session.run(inputs, outputs)
    best = Math.min(best, performance.now() - start)
  }
  session.dispose()
  return best
}

function forward([n, size, ci, co, k, s]: Shape6): Record<string, number> {
  const o = size / s
  const [x, w, y] = [
    [n, ci, size, size],
    [co, ci, k, k],
    [n, co, o, o],
  ]
  const attributes = { kernel_shape: [k, k], strides: [s, s], pads: [1, 1, 1, 1] }
  return {
    Conv: fastest(conv(attributes), x!, w!, y!),
    'in blocks, with both changes of order': fastest(
      [
        { op: `${blocked}ReorderInput`, inputs: ['x'], outputs: ['a'] },
        { op: `${blocked}Conv`, inputs: ['a', 'w'], outputs: ['b'], attributes },
        { op: `${blocked}ReorderOutput`, inputs: ['b'], outputs: ['y'], attributes: { channels: co } },
      ],
      x!,
      w!,
      y!,
    ),
  }
}

function inputGradient([n, size, ci, co, k, s]: Shape6): Record<string, number> {
  const o = size / s
  const [dy, dx] = [
    [n, co, o, o],
    [n, ci, size, size],
  ]
  const window = { kernel_shape: [k, k], strides: [s, s], pads: [1, 1, 1, 1] }
  const transposed = { ConvTranspose: fastest(conv(window, 'ConvTranspose'), dy!, [co, ci, k, k], dx!) }
  if (s > 1) return transposed
  return { ...transposed, 'Conv, filter turned': fastest(conv(window), dy!, [ci, co, k, k], dx!) }
}

function filterGradient([n, size, ci, co, k, s]: Shape6): Record<string, number> {
  const o = size / s
  const wide = size + 2
  const times = {
    'batch for channels': fastest(
      conv({ kernel_shape: [o, o], dilations: [s, s], pads: [1, 1, 1, 1] }),
      [ci, n, size, size],
      [co, n, o, o],
      [ci, co, k, k],
    ),
    'x with columns and channels as one axis': fastest(
      conv({ kernel_shape: [o, o], dilations: [s, s * ci] }),
      [1, n, wide, wide * ci],
      [co, n, o, o],
      [1, co, k, k * ci],
    ),
  }
  if (s > 1) return times
  const turned = fastest(
    conv({ kernel_shape: [size, size], dilations: [1, co] }),
    [1, n, wide, wide * co],
    [ci, n, size, size],
    [1, ci, k, k * co],
  )
  return { ...times, 'dy with columns and channels as one axis': turned }
}

type Shape6 = (typeof convolutionShapes)[number]

const table = new Table({
  head: ['batch, size, in, out, kernel, stride', 'direction', 'formulation', 'ms', 'GFLOP/s'],
  style: { head: [], border: [] },
})
for (const shape of convolutionShapes) {
  const [n, size, ci, co, k, s] = shape
  const megaflops = (2 * n * (size / s) ** 2 * k * k * ci * co) / 1e6
  const directions = { forward, 'input gradient': inputGradient, 'filter gradient': filterGradient }
  for (const [direction, measure] of Object.entries(directions)) {
    for (const [formulation, ms] of Object.entries(measure(shape))) {
      table.push([shape.join(', '), direction, formulation, ms.toFixed(2), (megaflops / ms).toFixed(0)])
    }
  }
}
console.log(`${threads} threads, Node ${process.versions.node}\n${table.toString()}`)
