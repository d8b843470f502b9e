import {
  add,
  broadcast_util,
  engine,
  FusedBatchNorm,
  fill,
  mul,
  neg,
  registerGradient,
  reshape,
  rsqrt,
  serialization,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core'

type RunKernel = ReturnType<typeof engine>['runKernel']

const correct = Symbol.for('@dlkit/corrections: batchNorm without scale')

/**
 * TensorFlow.js puts inputs that are not there on the gradient's tape and fails on them, its layer reads weights that it
 * did not make, and the kernels of its cpu and wasm backends take statistics of another axis for those of the last one.
 */
export function allowBatchNormWithoutScale(): void {
  correctKernelCalls()
  correctGradient()
  correctLayer()
}

function correctKernelCalls(): void {
  const own = engine() as ReturnType<typeof engine> & { [correct]?: true }
  if (own[correct]) return
  own[correct] = true
  const runKernel = own.runKernel.bind(own) as RunKernel
  own.runKernel = ((name, inputs, attributes) => {
    if (name !== FusedBatchNorm) return runKernel(name, inputs, attributes)
    const { x, mean, variance, offset, scale } = inputs as unknown as Inputs
    const epsilon = attributes?.varianceEpsilon as number
    if (mean.rank > 1 && mean.size !== x.size) {
      const gain = mul(rsqrt(add(variance, epsilon)), scale ?? 1)
      return add(mul(sub(x, mean), gain), offset ?? 0)
    }
    const named = { x, mean, variance, scale: scale ?? fill(mean.shape, 1), ...(offset && { offset }) }
    return runKernel(name, named, attributes)
  }) as RunKernel
}

interface Inputs {
  x: Tensor
  mean: Tensor
  variance: Tensor
  scale?: Tensor
  offset?: Tensor
}

/**
 * With two sums per channel for all five gradients, where TensorFlow.js adds up each of them by itself.
 */
function correctGradient(): void {
  registerGradient({
    kernelName: FusedBatchNorm,
    inputsToSave: ['x', 'mean', 'variance', 'scale'],
    gradFunc: (dy, saved, { varianceEpsilon }) => {
      const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor]
      const gradient = dy as Tensor
      const axes = broadcast_util.getReductionAxes(mean.shape, x.shape)
      const total = (part: Tensor) => (axes.length > 0 ? reshape(sum(part, axes), mean.shape) : part)
      const inverse = rsqrt(add(variance, varianceEpsilon as number))
      const gain = mul(scale, inverse)
      const sumOfDy = total(gradient)
      const alongX = total(mul(gradient, sub(x, mean)))
      return {
        x: () => mul(gradient, gain),
        mean: () => neg(mul(sumOfDy, gain)),
        variance: () => mul(mul(mul(alongX, gain), mul(inverse, inverse)), -0.5),
        scale: () => mul(alongX, inverse),
        offset: () => sumOfDy,
      }
    },
  })
}

interface BatchNormalization {
  scale: boolean
  center: boolean
  gamma?: { read(): Tensor | null }
  beta?: { read(): Tensor | null }
  build(shape: unknown): void
}

function correctLayer(): void {
  const known = serialization.SerializationMap.getMap().classNameMap.BatchNormalization
  const prototype = known?.[0].prototype as (BatchNormalization & { [correct]?: true }) | undefined
  if (prototype === undefined || prototype[correct]) return
  prototype[correct] = true
  const build = prototype.build
  prototype.build = function (shape) {
    build.call(this, shape)
    if (!this.scale) this.gamma = { read: () => null }
    if (!this.center) this.beta = { read: () => null }
  }
}
