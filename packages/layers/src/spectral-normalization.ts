import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { positiveInteger } from './check.js'
import type { LayerArgs } from './layer-args.js'
import { fromConfig, toConfig } from './weight-options.js'

type ConfigDict = tf.serialization.ConfigDict
type Vectors = { u: tf.Tensor; v: tf.Tensor }

const EPSILON = 1e-12
const ITERATIONS_AT_START = 15

export interface SpectralNormalizationArgs extends LayerArgs {
  /** A layer with kernels, or its saved form: dense, convolution, embedding, recurrent, attention. */
  layer: tfl.layers.Layer | ConfigDict
  /** Power iterations per training call; 1 by default. */
  powerIterations?: number
}

/** One kernel of the wrapped layer and the estimates of its leading singular vectors. */
interface Kernel {
  variable: tfl.LayerVariable
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
 * Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks", arXiv:1802.05957, algorithm 1. As
 * there, the matrix of a kernel is `[everything else, last axis]`, for a convolution
 * `[height · width · channels, filters]`: the norm of that matrix, not of the convolution as a map between pictures,
 * which can be larger by up to `√(height · width)`. u and v start with 15 iterations, as in PyTorch.
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
    const found = this.layer.weights.filter(
      ({ originalName, shape }) => /(kernel|embeddings)$/.test(originalName) && shape.length >= 2,
    )
    if (found.length === 0) {
      throw new Error(
        `SpectralNormalization: expected a layer with a kernel, got ${this.layer.getClassName()} ${this.layer.name} ` +
          `with the weights [${this.layer.weights.map(lastPart).join(', ')}]. ` +
          'Wrap dense, convolution, embedding, recurrent or attention layers.',
      )
    }
    this.#kernels = found.map((variable, position) => {
      const name = lastPart(variable)
      const outputs = variable.shape.at(-1)!
      const inputs = tf.util.sizeFromShape(variable.shape as number[]) / outputs
      const random = tfl.initializers.randomNormal({ seed: position + 1 })
      const add = (suffix: string, shape: number[]) =>
        this.addWeight(`${name}_${suffix}`, shape, 'float32', random, undefined, false)
      const kernel = { variable, u: add('u', [outputs]), v: add('v', [inputs]) }
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
        const normalized = tf.div(kernel.variable.read(), tf.add(spectralNorm(kernel), EPSILON))
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

function lastPart({ originalName }: tfl.LayerVariable): string {
  return originalName.split('/').at(-1)!
}

/**
 * `σ = vᵀ W u`, differentiable with respect to the kernel. Products of elements and sums instead of matMul: a lazy
 * backend may take a product with a variable that was just written for the start of a new step.
 */
function spectralNorm({ variable, u, v }: Kernel): tf.Tensor {
  return tf.sum(tf.mul(tf.mul(asMatrix(variable.read()), tf.expandDims(v.read(), 1)), u.read()))
}

/** Improves u and v. Written to their variables, they are constants for a gradient that is being recorded. */
function iterate({ variable, u, v }: Kernel, iterations: number): void {
  tf.tidy(() => {
    const matrix = asMatrix(variable.read())
    let vectors: Vectors = { u: u.read(), v: v.read() }
    for (let iteration = 0; iteration < iterations; iteration++) vectors = powerIteration(matrix, vectors.u)
    u.write(vectors.u)
    v.write(vectors.v)
  })
}

function powerIteration(matrix: tf.Tensor, u: tf.Tensor): Vectors {
  const v = unit(tf.sum(tf.mul(matrix, u), 1)) // W u
  return { u: unit(tf.sum(tf.mul(matrix, tf.expandDims(v, 1)), 0)), v } // Wᵀ v
}

function unit(x: tf.Tensor): tf.Tensor {
  return tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), EPSILON))
}

/** `[everything else, last axis]` */
function asMatrix(kernel: tf.Tensor): tf.Tensor {
  return tf.reshape(kernel, [-1, kernel.shape.at(-1)!])
}
