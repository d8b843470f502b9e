import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { gelu, silu } from './activations.js'
import { applyKernel } from './apply-kernel.js'
import { lastAxis, positiveInteger } from './check.js'
import { type LayerArgs, single, titleOf } from './layer-args.js'
import {
  type BiasArgs,
  biasOptions,
  type KernelArgs,
  kernelOptions,
  type WeightOptions,
} from './weight-options.js'

/** Options of `GEGLU` and `SwiGLU`. */
export interface GatedLinearUnitArgs extends LayerArgs, KernelArgs, BiasArgs {
  /** Features of the output. */
  units: number
  /** Whether both products get a bias; true by default. */
  useBias?: boolean
}

interface Product {
  kernel: tfl.LayerVariable
  bias: tfl.LayerVariable | undefined
}

abstract class GatedLinearUnit extends tfl.layers.Layer {
  readonly #units: number
  readonly #useBias: boolean
  readonly #kernels: WeightOptions
  readonly #biases: WeightOptions
  #products: { gate: Product; value: Product } | undefined

  constructor(args: GatedLinearUnitArgs) {
    super(args)
    this.supportsMasking = true
    const hint = 'Usual are 8/3 of the features, for as many weights as a hidden layer of 4 times as many.'
    this.#units = positiveInteger(titleOf(this), 'units', args.units, hint)
    this.#useBias = args.useBias ?? true
    this.#kernels = kernelOptions(args)
    this.#biases = biasOptions(args)
  }

  override build(inputShape: tfl.Shape): void {
    const features = lastAxis(this, titleOf(this), inputShape)
    const weight = (name: string, shape: number[], options: WeightOptions, position: number) =>
      this.addWeight(name, shape, 'float32', options.initializer(position), options.regularizer)
    const product = (name: string, position: number): Product => ({
      kernel: weight(`${name}_kernel`, [features, this.#units], this.#kernels, position),
      bias: this.#useBias ? weight(`${name}_bias`, [this.#units], this.#biases, position) : undefined,
    })
    this.#products = { gate: product('gate', 0), value: product('value', 1) }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { gate, value } = this.#products!
    return tf.tidy(() => {
      const product = ({ kernel, bias }: Product) => {
        const y = applyKernel(single(inputs), kernel.read())
        return bias ? tf.add(y, bias.read()) : y
      }
      return tf.mul(this.activate(product(gate)), product(value))
    })
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return [...inputShape.slice(0, -1), this.#units]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      units: this.#units,
      useBias: this.#useBias,
      ...this.#kernels.getConfig(),
      ...this.#biases.getConfig(),
    }
  }

  protected abstract activate(gate: tf.Tensor): tf.Tensor
}

/**
 * A dense layer whose outputs are switched by another one: the hidden layer of newer transformers.
 *
 * `gelu(x W + b) ⊙ (x V + c)`, with the exact {@link gelu}. Put a dense layer behind it.
 *
 * Shazeer 2020, "GLU Variants Improve Transformer", arXiv:2002.05202, equation 5.
 *
 * Shapes: `[batch, ..., features]` to `[batch, ..., units]`. Weights: `gate_kernel` (W) and `value_kernel` (V)
 * `[features, units]`, `gate_bias` and `value_bias` `[units]`. Training and inference are the same. It has first and
 * second derivatives.
 *
 * @throws RangeError when units is not a positive integer, or the features are not known.
 *
 * @example
 * const y = new GEGLU({ units: 64 }).apply(tf.zeros([2, 10, 24])) // [2, 10, 64]
 */
export class GEGLU extends GatedLinearUnit {
  static readonly className = 'DlkitGEGLU'
  protected override activate(gate: tf.Tensor): tf.Tensor {
    return gelu(gate)
  }
}

/** {@link GEGLU} with {@link silu}: `silu(x W + b) ⊙ (x V + c)`, equation 6 there; LLaMA has it without biases. */
export class SwiGLU extends GatedLinearUnit {
  static readonly className = 'DlkitSwiGLU'
  protected override activate(gate: tf.Tensor): tf.Tensor {
    return silu(gate)
  }
}
