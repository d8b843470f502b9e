import type * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { elu, gelu, leakyRelu, sigmoid, silu, tanh } from './activations.js'
import { type LayerArgs, single } from './layer-args.js'

/** Shapes: any; the output has the input's shape. Training and inference are the same. */
abstract class Elementwise extends tfl.layers.Layer {
  constructor(args: LayerArgs = {}) {
    super(args)
    this.supportsMasking = true
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.activate(single(inputs))
  }

  protected abstract activate(x: tf.Tensor): tf.Tensor
}

/** Options of `LeakyReLU`. */
export interface LeakyReLUArgs extends LayerArgs {
  /** Slope for negative values; 0.2 by default. */
  alpha?: number
}

/** {@link leakyRelu} as a layer: the usual activation of a discriminator under a gradient penalty (R1, WGAN-GP). */
export class LeakyReLU extends Elementwise {
  static readonly className = 'DlkitLeakyReLU'
  readonly #alpha: number

  constructor(args: LeakyReLUArgs = {}) {
    super(args)
    this.#alpha = finite('LeakyReLU', args.alpha ?? 0.2)
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), alpha: this.#alpha }
  }

  protected override activate(x: tf.Tensor): tf.Tensor {
    return leakyRelu(x, this.#alpha)
  }
}

/** Options of `ELU`. */
export interface ELUArgs extends LayerArgs {
  /** Minus the limit for large negative values; 1 by default. */
  alpha?: number
}

/** {@link elu} as a layer. */
export class ELU extends Elementwise {
  static readonly className = 'DlkitELU'
  readonly #alpha: number

  constructor(args: ELUArgs = {}) {
    super(args)
    this.#alpha = finite('ELU', args.alpha ?? 1)
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), alpha: this.#alpha }
  }

  protected override activate(x: tf.Tensor): tf.Tensor {
    return elu(x, this.#alpha)
  }
}

/** Options of `GELU`. */
export interface GELUArgs extends LayerArgs {
  /** Whether to use the approximation by tanh; false by default. */
  approximate?: boolean
}

/** {@link gelu} as a layer. */
export class GELU extends Elementwise {
  static readonly className = 'DlkitGELU'
  readonly #approximate: boolean

  constructor(args: GELUArgs = {}) {
    super(args)
    this.#approximate = args.approximate ?? false
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), approximate: this.#approximate }
  }

  protected override activate(x: tf.Tensor): tf.Tensor {
    return gelu(x, this.#approximate)
  }
}

/** {@link silu} as a layer. */
export class SiLU extends Elementwise {
  static readonly className = 'DlkitSiLU'
  protected override activate(x: tf.Tensor): tf.Tensor {
    return silu(x)
  }
}

/** {@link sigmoid} as a layer. */
export class Sigmoid extends Elementwise {
  static readonly className = 'DlkitSigmoid'
  protected override activate(x: tf.Tensor): tf.Tensor {
    return sigmoid(x)
  }
}

/** {@link tanh} as a layer. */
export class Tanh extends Elementwise {
  static readonly className = 'DlkitTanh'
  protected override activate(x: tf.Tensor): tf.Tensor {
    return tanh(x)
  }
}

function finite(layer: string, alpha: number): number {
  if (!Number.isFinite(alpha)) {
    throw new RangeError(
      `${layer}: expected alpha to be a finite number, got ${alpha}. Leave it out for the usual one.`,
    )
  }
  return alpha
}
