import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { positiveInteger } from './check.js'
import { constantOf } from './constant-of.js'
import type { KernelMatrix } from './kernel-matrices.js'
import { KernelWrapper, type KernelWrapperArgs } from './kernel-wrapper.js'

type Vectors = { u: tf.Tensor; v: tf.Tensor }

/** A kernel whose norm is not above it counts as zero. */
const ZERO = 1e-12
const ITERATIONS_AT_START = 15

/** Options of `SpectralNormalization`. */
export interface SpectralNormalizationArgs extends KernelWrapperArgs {
  /** Power iterations per training call; 1 by default. */
  powerIterations?: number
}

/** One kernel of the wrapped layer and the estimates of its leading singular vectors. */
interface Kernel extends KernelMatrix {
  /** `[outputs]` */
  u: tfl.LayerVariable
  /** `[inputs]` */
  v: tfl.LayerVariable
}

/**
 * Wraps a layer and divides its kernels by their largest singular value, so that it stretches no input: the usual
 * constraint of a GAN's discriminator.
 *
 * `W / σ(W)`, `σ = vᵀ W u`. Each training call improves u and v by power iteration, `v = W u / ‖W u‖`,
 * `u = Wᵀ v / ‖Wᵀ v‖`; at inference they are frozen. They count as constants for the gradient. The layer trains its raw
 * kernel, which stays in its weights (Keras overwrites it); regularizers see the raw kernel, too.
 *
 * Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks", arXiv:1802.05957, algorithm 1. The
 * matrices are PyTorch's, `[everything else, outputs]`: for a convolution, transposed or not,
 * `[height · width · channels, filters]`, for a depthwise one `[height · width, channels · depthMultiplier]`. σ is the norm
 * of that matrix, not of the convolution as a map between pictures, which can be larger by up to `√(height · width)`. u
 * and v start with 15 iterations, as in PyTorch. A kernel of zeros is applied as it is, and so is its gradient (PyTorch
 * divides by 0); u and v then stay what they were.
 *
 * Inputs and outputs are those of the wrapped layer. Every weight of rank 2 or more whose name ends in `kernel` or
 * `embeddings` is normalized; for each, `…_u` and `…_v` are added to the weights that are not trained. First and second
 * derivatives are those of the wrapped layer.
 *
 * @throws RangeError when powerIterations is not a positive integer, Error when the layer has no kernel.
 *
 * @example
 * const layer = new SpectralNormalization({ layer: tf.layers.conv2d({ filters: 64, kernelSize: 4 }) })
 */
export class SpectralNormalization extends KernelWrapper<Kernel> {
  static readonly className = 'DlkitSpectralNormalization'
  readonly #powerIterations: number

  constructor(args: SpectralNormalizationArgs) {
    super(args)
    const { powerIterations = 1 } = args
    const hint = 'Use 1, or more when the learning rate is high.'
    this.#powerIterations = positiveInteger('SpectralNormalization', 'powerIterations', powerIterations, hint)
  }

  protected override prepare(matrix: KernelMatrix, name: string, position: number): Kernel {
    const random = tfl.initializers.randomNormal({ seed: position + 1 })
    const add = (suffix: string, size: number) =>
      this.addWeight(`${name}_${suffix}`, [size], 'float32', random, undefined, false)
    const kernel = { ...matrix, u: add('u', matrix.outputs), v: add('v', matrix.inputs) }
    iterate(kernel, ITERATIONS_AT_START)
    return kernel
  }

  protected override normalized(kernel: Kernel): tf.Tensor {
    const norm = spectralNorm(kernel)
    const isNothing = isZero(norm)
    const divisor = tf.add(tf.mul(norm, tf.sub(1, isNothing)), isNothing)
    return tf.div(kernel.variable.read(), divisor)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor | tf.Tensor[] {
    if (kwargs?.training) for (const kernel of this.kernels) iterate(kernel, this.#powerIterations)
    return super.call(inputs, kwargs)
  }

  override get nonTrainableWeights(): tfl.LayerVariable[] {
    return [...super.nonTrainableWeights, ...this.kernels.flatMap(({ u, v }) => [u, v])]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), powerIterations: this.#powerIterations }
  }
}

/**
 * `σ = vᵀ W u`, differentiable with respect to the kernel. Products of elements and sums instead of matMul: a lazy
 * backend may take a product with a variable that was just written for the start of a new step.
 */
function spectralNorm({ variable, u, v, asMatrix }: Kernel): tf.Tensor {
  return tf.sum(tf.mul(tf.mul(asMatrix(variable.read()), tf.expandDims(v.read(), 1)), u.read()))
}

/** 1 for a norm of 0, else 0. */
const isZero = constantOf((norm) => tf.cast(tf.lessEqual(tf.abs(norm), ZERO), 'float32'))

/** Improves u and v. Written to their variables, they are constants for a gradient that is being recorded. */
function iterate({ variable, u, v, asMatrix }: Kernel, iterations: number): void {
  tf.tidy(() => {
    const matrix = asMatrix(variable.read())
    let vectors: Vectors = { u: u.read(), v: v.read() }
    for (let iteration = 0; iteration < iterations; iteration++) vectors = powerIteration(matrix, vectors)
    u.write(vectors.u)
    v.write(vectors.v)
  })
}

function powerIteration(matrix: tf.Tensor, before: Vectors): Vectors {
  const v = unit(tf.sum(tf.mul(matrix, before.u), 1), before.v) // W u
  return { u: unit(tf.sum(tf.mul(matrix, tf.expandDims(v, 1)), 0), before.u), v } // Wᵀ v
}

/** `x / ‖x‖`, or `otherwise` when x is 0 or not finite. Without the first division, squares of 1e-20 would be 0. */
function unit(x: tf.Tensor, otherwise: tf.Tensor): tf.Tensor {
  const scaled = tf.div(x, tf.max(tf.abs(x)))
  const length = tf.sqrt(tf.sum(tf.square(scaled)))
  return tf.where(tf.greater(length, 0), tf.div(scaled, length), otherwise)
}
