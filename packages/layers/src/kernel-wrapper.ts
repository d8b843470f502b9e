import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { type KernelMatrix, kernelMatrices, lastPart } from './kernel-matrices.js'
import { type LayerArgs, titleOf } from './layer-args.js'
import { fromConfig, toConfig } from './weight-options.js'

type ConfigDict = tf.serialization.ConfigDict

export interface KernelWrapperArgs extends LayerArgs {
  /** A layer with kernels, or its saved form: dense, convolution, embedding, recurrent, attention. */
  layer: tfl.layers.Layer | ConfigDict
}

/** A layer around another one, which sees its kernels normalized; the kernels themselves stay in its weights. */
export abstract class KernelWrapper<Kernel extends KernelMatrix> extends tfl.layers.Layer {
  /** The wrapped layer. */
  readonly layer: tfl.layers.Layer
  protected kernels: readonly Kernel[] = []

  constructor(args: KernelWrapperArgs) {
    super(args)
    const { layer, trainable } = args
    this.layer = 'getClassName' in layer ? (layer as tfl.layers.Layer) : fromConfig('layer', layer)
    this.supportsMasking = this.layer.supportsMasking
    if (trainable !== undefined) this.trainable = trainable
  }

  /** Adds what belongs to a kernel; the name is that of the kernel, once in the layer. */
  protected abstract prepare(matrix: KernelMatrix, name: string, position: number): Kernel
  /** What the wrapped layer reads in place of the kernel. */
  protected abstract normalized(kernel: Kernel): tf.Tensor

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    if (!this.layer.built) {
      this.layer.build(inputShape)
      this.layer.built = true
      const { initialWeights } = this.layer as { initialWeights?: tf.Tensor[] | null } & tfl.layers.Layer
      if (initialWeights) this.layer.setWeights(initialWeights)
    }
    const found = kernelMatrices(this.layer)
    if (found.length === 0) {
      throw new Error(
        `${titleOf(this)}: expected a layer with a kernel, got ${this.layer.getClassName()} ${this.layer.name} ` +
          `with the weights [${this.layer.weights.map(lastPart).join(', ')}]. ` +
          'Wrap dense, convolution, embedding, recurrent or attention layers.',
      )
    }
    const count = new Map<string, number>()
    this.kernels = found.map((matrix, position) => {
      const name = lastPart(matrix.variable)
      const earlier = count.get(name) ?? 0
      count.set(name, earlier + 1)
      // A bidirectional layer has each name twice.
      return this.prepare(matrix, earlier === 0 ? name : `${name}_${earlier + 1}`, position)
    })
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: object): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      for (const kernel of this.kernels) {
        const normalized = this.normalized(kernel)
        kernel.variable.read = () => normalized
      }
      try {
        return this.layer.call(inputs, { ...kwargs })
      } finally {
        for (const { variable } of this.kernels) Reflect.deleteProperty(variable, 'read')
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
    return this.layer.nonTrainableWeights
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), layer: toConfig(this.layer) }
  }
}
