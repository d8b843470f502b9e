import {
  add,
  cast,
  div,
  getGradient,
  mul,
  neg,
  onesLike,
  registerGradient,
  reshape,
  rsqrt,
  sub,
  sum,
  type Tensor,
  util,
} from '@tensorflow/tfjs-core'

/**
 * Gradients in fewer and smaller operations than TensorFlow.js' own. The numbers are the same on every backend, up to
 * rounding.
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
  registerBatchNormGradient()
}

/**
 * `dy` along the axes over which `x` was reduced. The ones are recorded, where TensorFlow.js writes a tensor of ones as
 * large as `x`, in JavaScript and in every step.
 */
function repeated(dy: Tensor, x: Tensor, axis: unknown): Tensor {
  const axes = util.parseAxisParam(axis as number | number[], x.shape)
  const kept = x.shape.map((extent, i) => (axes.includes(i) ? 1 : extent))
  return mul(reshape(dy, kept), onesLike(cast(x, 'float32')))
}

/** With two sums per channel for all five gradients, where TensorFlow.js adds up each of them by itself. */
function registerBatchNormGradient(): void {
  const general = getGradient('FusedBatchNorm')
  registerGradient({
    ...general,
    gradFunc: (dy, saved, attrs) => {
      const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor | undefined]
      const perChannel = [mean, variance, scale ?? mean].every(({ rank }) => rank === 1)
      if (!perChannel) return general.gradFunc(dy, saved, attrs)
      const gradient = dy as Tensor
      const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis)
      const centred = sub(x, mean)
      const inverse = rsqrt(add(variance, attrs.varianceEpsilon as number))
      const gain = scale ? mul(scale, inverse) : inverse
      const total = sum(gradient, axes)
      const alongX = sum(mul(gradient, centred), axes)
      return {
        x: () => mul(gradient, gain),
        mean: () => neg(mul(total, gain)),
        variance: () => mul(mul(mul(alongX, gain), mul(inverse, inverse)), -0.5),
        scale: () => mul(alongX, inverse),
        offset: () => total,
      }
    },
  })
}
