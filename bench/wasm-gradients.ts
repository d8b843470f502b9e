// How fast a convolution is on the wasm engine, forwards and in both gradients, next to the backend's own kernels.
// node --conditions=@dlkit/source --import=tsx bench/wasm-gradients.ts
import { useEngine } from '@dlkit/engine'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'

/** batch, size, channels in, channels out, filter, stride: the layers of a U-Net and a PatchGAN at 64×64. */
const shapes = [
  [8, 64, 4, 32, 4, 2],
  [8, 64, 16, 32, 3, 1],
  [8, 64, 32, 32, 3, 1],
  [8, 64, 32, 16, 3, 1],
  [8, 64, 16, 3, 3, 1],
  [8, 32, 32, 64, 4, 2],
  [8, 32, 128, 32, 3, 1],
  [8, 16, 64, 128, 4, 2],
  [8, 16, 128, 64, 3, 1],
  [8, 8, 128, 256, 4, 2],
] as const

/** Milliseconds of the fastest of 7 runs, after one that is not counted: other work on the machine only adds. */
function measure(run: () => unknown): number {
  const times = Array.from({ length: 8 }, () => {
    const start = performance.now()
    tf.tidy(() => void run())
    return performance.now() - start
  })
  return Math.min(...times.slice(1))
}

// Register the backend's own kernels under other names before the engine replaces them.
await tf.setBackend('wasm')
const own = (kernelName: string) => {
  tf.registerKernel({ ...tf.getKernel(kernelName, 'wasm'), kernelName: `Own${kernelName}` })
}
own('Conv2D')
own('Conv2DBackpropInput')
const { version, reason } = await useEngine({ prefer: 'wasm' })
console.log(`wasm ${version}: ${reason}; Node ${process.versions.node}`)
console.log('ms, GFLOP/s and time as a multiple of the forward pass; "own" is the kernel that tfjs ships\n')

const cell = (text: string) => text.padEnd(25)
console.log(
  ['shape', 'forward', 'filter gradient', 'input gradient', 'own forward', 'own input gradient']
    .map(cell)
    .join(''),
)
for (const [batch, size, inputs, outputs, filterSize, stride] of shapes) {
  const x = tf.randomUniform([batch, size, size, inputs], -1, 1, 'float32', 1)
  const filter = tf.randomUniform([filterSize, filterSize, inputs, outputs], -1, 1, 'float32', 2)
  const attrs = { strides: stride, pad: 'same', dilations: 1, dataFormat: 'NHWC' }
  const kernel = (name: string, kernelInputs: Record<string, tf.Tensor>, more: tf.NamedAttrMap = {}) =>
    tf.engine().runKernel(name, kernelInputs, { ...attrs, ...more })
  const dy = kernel('Conv2D', { x, filter }) as tf.Tensor
  // Training makes a new filter each step, so the forward pass gets a new one each time too.
  const forward = measure(() => kernel('Conv2D', { x, filter: tf.add(filter, 0) }))
  const megaflops = (2 * dy.size * filterSize * filterSize * inputs) / 1e6
  const show = (milliseconds: number) =>
    cell(
      `${milliseconds.toFixed(1).padStart(6)} ${(megaflops / milliseconds).toFixed(1).padStart(5)}  ×${(milliseconds / forward).toFixed(2)}`,
    )
  console.log(
    cell(`${batch}×${size}×${size}×${inputs} → ${outputs}, ${filterSize}/${stride}`) +
      show(forward) +
      show(measure(() => kernel('Conv2DBackpropFilter', { x, dy }, { filterShape: filter.shape }))) +
      show(measure(() => kernel('Conv2DBackpropInput', { dy, filter }, { inputShape: x.shape }))) +
      show(measure(() => kernel('OwnConv2D', { x, filter: tf.add(filter, 0) }))) +
      show(measure(() => kernel('OwnConv2DBackpropInput', { dy, filter }, { inputShape: x.shape }))),
  )
  tf.dispose([x, filter, dy])
}
