import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { fillMask } from './sfc32.js'

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>

export interface DropoutArgs extends LayerArgs {
  /** Share of the values that is set to 0 in training, in [0, 1). */
  rate: number
  /** Integer in [0, 2³²). Made from the layer's name when it is left out. */
  seed?: number
}

/** What {@link Dropout} and {@link SpatialDropout2D} share: rate, seed, call counter and the masked product. */
export abstract class SeededDropout extends tfl.layers.Layer {
  /** Integer in [0, 2³²) from which, together with `calls`, each mask is made. */
  readonly seed: number
  #rate = 0
  #calls = 0

  constructor(args: DropoutArgs) {
    super(args)
    this.supportsMasking = true
    this.rate = args.rate
    this.seed = args.seed ?? hash(this.name)
    if (!Number.isInteger(this.seed) || this.seed < 0 || this.seed >= 2 ** 32) {
      throw new RangeError(
        `${this.title}: expected seed to be an integer in [0, 4294967295], got ${this.seed} ` +
          `(layer ${this.name}). Leave it out to have one made from the layer's name.`,
      )
    }
  }

  /** Share of the values that is set to 0 in training; may be changed between steps. */
  get rate(): number {
    return this.#rate
  }

  set rate(rate: number) {
    if (!(typeof rate === 'number' && rate >= 0 && rate < 1)) {
      throw new RangeError(
        `${this.title}: expected rate in [0, 1), got ${rate} (layer ${this.name}). Start with 0.2; 0 turns it off.`,
      )
    }
    this.#rate = rate
  }

  /** Number of training calls so far. Save it with a checkpoint and set it again to continue with the same masks. */
  get calls(): number {
    return this.#calls
  }

  set calls(calls: number) {
    if (!Number.isSafeInteger(calls) || calls < 0) {
      throw new RangeError(
        `${this.title}: expected calls to be an integer >= 0, got ${calls} (layer ${this.name}). ` +
          'Set the value that was read from this property when the checkpoint was written.',
      )
    }
    this.#calls = calls
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs
    if (!kwargs?.training) return x
    const shape = this.maskShape(x.shape)
    const call = this.#calls++
    if (this.#rate === 0) return x
    return tf.tidy(() => {
      const mask = new Float32Array(tf.util.sizeFromShape(shape))
      fillMask(mask, this.#rate, 1 / (1 - this.#rate), this.seed, call)
      return tf.mul(x, tf.tensor(mask, shape))
    })
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed }
  }

  /** The exported name of the class, for messages. */
  private get title(): string {
    return this.getClassName().replace('Dlkit', '')
  }

  /** Shape of the mask for an input shape; its axes of size 1 share one decision. */
  protected abstract maskShape(shape: number[]): number[]
}

/** 32-bit FNV-1a of the UTF-16 units of a text. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value >>> 0
}
