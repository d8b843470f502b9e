import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { keepOrDrop, standardNormal } from './noise.js'

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>

/** Options of layers that draw random numbers. */
export interface RandomLayerArgs extends LayerArgs {
  /** Integer in [0, 2³²). Made from the layer's name when it is left out. */
  seed?: number
}

/**
 * A layer that draws random numbers which are reproducible and never repeat: base of the dropout layers, and of your
 * own random layers.
 *
 * What is drawn depends on `seed`, on `calls` and on how much is drawn, not on the backend. `calls` grows by one with
 * each call that draws; {@link dropoutCalls} reads it for a checkpoint. Without a seed, one is made from the layer's
 * name. tfjs numbers the names of unnamed layers, so two layers differ and the same program draws the same again.
 *
 * @throws RangeError when seed is not an integer in [0, 2³²), or calls not an integer >= 0.
 */
export abstract class RandomLayer extends tfl.layers.Layer {
  /** Integer in [0, 2³²) from which, together with `calls`, everything random is made. */
  readonly seed: number
  #calls = 0

  constructor(args: RandomLayerArgs = {}) {
    super(args)
    this.seed = args.seed ?? hash(this.name)
    if (!Number.isInteger(this.seed) || this.seed < 0 || this.seed >= 2 ** 32) {
      throw new RangeError(
        `${this.title}: expected seed to be an integer in [0, 4294967295], got ${this.seed} ` +
          `(layer ${this.name}). Leave it out to have one made from the layer's name.`,
      )
    }
  }

  /** Number of calls that drew so far. Save it with a checkpoint and set it again to continue with the same masks. */
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

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), seed: this.seed }
  }

  /**
   * A tensor of what `draw` draws. An engine that replays steps calls `draw` again in each of them, so it has to read what
   * may change since, such as a rate, itself.
   */
  protected drawn(shape: number[], draw: () => Float32Array): tf.Tensor {
    const tensor = tf.tensor(draw(), shape)
    ;(tf.backend() as ReplayingBackend).drawsAgain?.(tensor, draw)
    return tensor
  }

  /** A tensor of zeros, each with probability `rate()`, and `1 / (1 - rate())`: the mask of dropout. */
  protected drawnMask(shape: number[], rate: () => number): tf.Tensor {
    const size = tf.util.sizeFromShape(shape)
    return this.drawn(shape, () => this.drawMask(size, rate(), 1 / (1 - rate())))
  }

  /** Whether this call is recorded, and what it draws drawn again in later ones. */
  protected get isRecorded(): boolean {
    return (tf.backend() as ReplayingBackend).recording !== undefined
  }

  /** `count` values that are 0 with probability `rate` and `kept` otherwise; counts the call. */
  protected drawMask(count: number, rate: number, kept: number): Float32Array {
    return keepOrDrop(count, rate, kept, this.seed, this.#calls++)
  }

  /** `count` values of the standard normal distribution; counts the call. */
  protected drawNormal(count: number): Float32Array {
    return standardNormal(count, this.seed, this.#calls++)
  }

  /** The exported name of the class, for messages. */
  protected get title(): string {
    return this.getClassName().replace('Dlkit', '')
  }
}

/** What a backend has that does steps again without their program, such as that of `@dlkit/backend-onnxruntime`. */
interface ReplayingBackend extends tf.KernelBackend {
  readonly recording?: object
  drawsAgain?(tensor: tf.TensorInfo, draw: () => Float32Array): void
}

/** 32-bit FNV-1a of the UTF-16 units of a text. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value >>> 0
}
