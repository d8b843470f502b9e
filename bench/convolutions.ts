import { flush } from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'

/** batch, size, channels in, channels out, filter, stride: the convolutions of the generator in bench/pix2pix.ts. */
export const convolutionShapes = [
  [8, 32, 32, 64, 4, 2],
  [8, 16, 64, 128, 4, 2],
  [8, 8, 128, 256, 4, 2],
  [8, 8, 256, 128, 3, 1],
  [8, 16, 256, 64, 3, 1],
  [8, 32, 128, 32, 3, 1],
  [8, 64, 64, 16, 3, 1],
] as const

const directions = ['forward', 'input gradient', 'filter gradient'] as const
export type Rates = Record<(typeof directions)[number], number>

/** GFLOP/s of each direction on the current backend: all shapes together, the fastest of `repetitions` each. */
export function convolutionRates(repetitions: number): Rates {
  const milliseconds = { forward: 0, 'input gradient': 0, 'filter gradient': 0 }
  let megaflops = 0
  for (const [batch, size, inputs, outputs, filterSize, stride] of convolutionShapes) {
    const attrs = { strides: stride, pad: 'same', dilations: 1, dataFormat: 'NHWC' }
    const kernel = (name: string, tensors: Record<string, tf.Tensor>, more: tf.NamedAttrMap = {}) =>
      tf.engine().runKernel(name, tensors, { ...attrs, ...more }) as tf.Tensor
    const x = asComputed([batch, size, size, inputs], 1)
    const filter = tf.randomUniform([filterSize, filterSize, inputs, outputs], -1, 1, 'float32', 2)
    const dy = asComputed([batch, size / stride, size / stride, outputs], 3)
    const runs = {
      forward: () => kernel('Conv2D', { x, filter }),
      'input gradient': () => kernel('Conv2DBackpropInput', { dy, filter }, { inputShape: x.shape }),
      'filter gradient': () => kernel('Conv2DBackpropFilter', { x, dy }, { filterShape: filter.shape }),
    }
    for (const direction of directions) milliseconds[direction] += fastest(runs[direction], repetitions)
    megaflops += (2 * dy.size * filterSize * filterSize * inputs) / 1e6
    tf.dispose([x, filter, dy])
  }
  const rate = (direction: keyof Rates) => megaflops / milliseconds[direction]
  return {
    forward: rate('forward'),
    'input gradient': rate('input gradient'),
    'filter gradient': rate('filter gradient'),
  }
}

/** A tensor in the memory order in which the engine leaves what a convolution computes. */
function asComputed(shape: [number, number, number, number], seed: number) {
  return tf.tidy(() => {
    const channels = shape[3]
    const same = tf.reshape(tf.eye(channels), [1, 1, channels, channels]) as tf.Tensor4D
    const pictures = tf.randomUniform<tf.Rank.R4>(shape, -1, 1, 'float32', seed)
    const tensor = tf.conv2d(pictures, same, 1, 'same')
    flush()
    return tensor
  })
}

function fastest(run: () => tf.Tensor, repetitions: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const start = performance.now()
    const result = run()
    flush()
    best = Math.min(best, performance.now() - start)
    result.dispose()
  }
  return best
}
