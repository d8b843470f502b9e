import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { positiveInteger } from './check.js'
import { type KernelMatrix, kernelMatrices, lastPart } from './kernel-matrices.js'
import type { LayerArgs } from './layer-args.js'
import { fromConfig, toConfig } from './weight-options.js'

type ConfigDict = tf.serialization.ConfigDict
type Vectors = { u: tf.Tensor; v: tf.Tensor }

/** A kernel whose norm is not above it counts as zero. */
const ZERO = 1e-12
const ITERATIONS_AT_START = 15

export interface SpectralNormalizationArgs extends LayerArgs {
  /** A layer with kernels, or its saved form: dense, convolution, embedding, recurrent, attention. */
  layer: tfl.layers.Layer | ConfigDict
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
export class SpectralNormalization extends tfl.layers.Layer {
  static readonly className = 'DlkitSpectralNormalization'
  /** The wrapped layer. */
  readonly layer: tfl.layers.Layer
  readonly #powerIterations: number
  #kernels: Kernel[] = []

  constructor(args: SpectralNormalizationArgs) {
    super(args)
    const { layer, powerIterations = 1 } = args
    this.layer = 'getClassName' in layer ? (layer as tfl.layers.Layer) : fromConfig('layer', layer)
    const hint = 'Use 1, or more when the learning rate is high.'
    this.#powerIterations = positiveInteger('SpectralNormalization', 'powerIterations', powerIterations, hint)
    this.supportsMasking = this.layer.supportsMasking
    if (args.trainable !== undefined) this.trainable = args.trainable
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    if (!this.layer.built) {
      this.layer.build(inputShape)
      this.layer.built = true
    }
    const found = kernelMatrices(this.layer)
    if (found.length === 0) {
      throw new Error(
        `SpectralNormalization: expected a layer with a kernel, got ${this.layer.getClassName()} ${this.layer.name} ` +
          `with the weights [${this.layer.weights.map(lastPart).join(', ')}]. ` +
          'Wrap dense, convolution, embedding, recurrent or attention layers.',
      )
    }
    const count = new Map<string, number>()
    this.#kernels = found.map((matrix, position) => {
      const name = lastPart(matrix.variable)
      const earlier = count.get(name) ?? 0
      count.set(name, earlier + 1)
      const unique = earlier === 0 ? name : `${name}_${earlier + 1}` // a bidirectional layer has each name twice
      const random = tfl.initializers.randomNormal({ seed: position + 1 })
      const add = (suffix: string, size: number) =>
        this.addWeight(`${unique}_${suffix}`, [size], 'float32', random, undefined, false)
      const kernel = { ...matrix, u: add('u', matrix.outputs), v: add('v', matrix.inputs) }
      iterate(kernel, ITERATIONS_AT_START)
      return kernel
    })
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      if (kwargs?.training) for (const kernel of this.#kernels) iterate(kernel, this.#powerIterations)
      // The wrapped layer reads the normalized kernel while it is called.
      for (const kernel of this.#kernels) {
        const norm = spectralNorm(kernel)
        const isNothing = isZero(norm)
        const divisor = tf.add(tf.mul(norm, tf.sub(1, isNothing)), isNothing)
        const normalized = tf.div(kernel.variable.read(), divisor)
        kernel.variable.read = () => normalized
      }
      try {
        return this.layer.call(inputs, kwargs ?? {})
      } finally {
        for (const { variable } of this.#kernels) Reflect.deleteProperty(variable, 'read')
      }
    })
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape | tfl.Shape[] {
    return this.layer.computeOutputShape(inputShape)
  }

  override computeMask(
    inputs: tf.Tensor | tf.Tensor[],
    mask?: tf.Tensor | tf.Tensor[],
  ): tf.Tensor | tf.Tensor[] {
    return this.layer.computeMask(inputs, mask)
  }

  override calculateLosses(): tf.Scalar[] {
    return this.layer.calculateLosses()
  }

  // tfjs's constructor of layers reads and sets `trainable` before `layer` is there.
  override get trainable(): boolean {
    return this.layer?.trainable ?? true
  }

  override set trainable(trainable: boolean) {
    if (this.layer) this.layer.trainable = trainable
  }

  override get trainableWeights(): tfl.LayerVariable[] {
    return this.layer.trainableWeights
  }

  override get nonTrainableWeights(): tfl.LayerVariable[] {
    return [...this.layer.nonTrainableWeights, ...this.#kernels.flatMap(({ u, v }) => [u, v])]
  }

  override getConfig(): ConfigDict {
    return {
      ...super.getConfig(),
      layer: toConfig(this.layer),
      powerIterations: this.#powerIterations,
    }
  }
}

/**
 * `σ = vᵀ W u`, differentiable with respect to the kernel. Products of elements and sums instead of matMul: a lazy
 * backend may take a product with a variable that was just written for the start of a new step.
 */
function spectralNorm({ variable, u, v, asMatrix }: Kernel): tf.Tensor {
  return tf.sum(tf.mul(tf.mul(asMatrix(variable.read()), tf.expandDims(v.read(), 1)), u.read()))
}

/** 1 for a norm of 0, else 0; a constant for the gradient, because comparisons have none. */
const isZero = tf.customGrad((...inputs) => ({
  value: tf.cast(tf.lessEqual(tf.abs(inputs[0] as tf.Tensor), ZERO), 'float32'),
  gradFunc: (dy) => tf.zerosLike(dy),
}))

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
