import { cast, div, mul, onesLike, registerGradient, reshape, type Tensor, util } from '@tensorflow/tfjs-core'

/**
 * Gradients of sums and means whose ones are recorded: TensorFlow.js' own write a tensor of ones as large as the
 * summed tensor, in JavaScript and every step. The numbers are the same on every backend.
 */
export function registerGradients(): void {
  registerGradient({
    kernelName: 'Sum',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, { axis }) => ({ x: () => repeated(dy as Tensor, saved[0]!, axis) }),
  })
  registerGradient({
    kernelName: 'Mean',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, { axis }) => {
      const count = saved[0]!.size / (dy as Tensor).size
      return { x: () => div(repeated(dy as Tensor, saved[0]!, axis), count) }
    },
  })
}

/** `dy` along the axes over which `x` was reduced. */
function repeated(dy: Tensor, x: Tensor, axis: unknown): Tensor {
  const axes = util.parseAxisParam(axis as number | number[], x.shape)
  const kept = x.shape.map((extent, i) => (axes.includes(i) ? 1 : extent))
  return mul(reshape(dy, kept), onesLike(cast(x, 'float32')))
}
