import * as tf from '@tensorflow/tfjs-core'
import type { Shape } from '@tensorflow/tfjs-layers'
import { RandomLayer, type RandomLayerArgs } from './random-layer.js'
import { type RateSchedule, rateAt, rateProblem } from './rate-schedule.js'

/** Options that all dropout layers share; rates are in [0, 1). */
export interface DropoutArgs extends RandomLayerArgs {
  /** Share of the values that is dropped in training, in [0, 1), or how it changes with the training calls. */
  rate: number | RateSchedule
}

/** What a training call does to the input: `x · scale + offset`, with shapes that broadcast to the input's. */
export interface Noise {
  scale: tf.Tensor
  offset?: tf.Tensor
}

/** What the dropout layers share: rate, schedule, and that nothing happens at inference. */
export abstract class DropoutLayer extends RandomLayer {
  #rate: number | RateSchedule = 0

  constructor(args: DropoutArgs) {
    super(args)
    this.supportsMasking = true
    this.rate = args.rate
  }

  /** Share of the values that is dropped in training; may be changed between steps. */
  get rate(): number | RateSchedule {
    return this.#rate
  }

  set rate(rate: number | RateSchedule) {
    const problem = rateProblem(rate)
    if (problem) {
      throw new RangeError(`${this.title}: ${problem} (layer ${this.name}). Start with 0.2; 0 turns it off.`)
    }
    this.#rate = typeof rate === 'number' ? rate : { ...rate }
  }

  /** The share that the next training call drops: `rate`, or where its schedule stands. */
  get currentRate(): number {
    return rateAt(this.#rate, this.calls)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs
    if (!kwargs?.training) return x
    // The rate may be another one when a recorded call is done again.
    if (this.currentRate === 0 && !this.isRecorded) {
      this.calls++
      return x
    }
    return tf.tidy(() => {
      const { scale, offset } = this.noise(x.shape)
      const scaled = tf.mul(x, scale)
      return offset ? tf.add(scaled, offset) : scaled
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    const rate = this.#rate
    return { ...super.getConfig(), rate: typeof rate === 'number' ? rate : { ...rate } }
  }

  /** Draws exactly once, at the current rate. */
  protected abstract noise(shape: number[]): Noise

  /** The noise of ordinary dropout, one decision per element of a shape. */
  protected droppedOut(maskShape: number[]): Noise {
    return { scale: this.drawnMask(maskShape, () => this.currentRate) }
  }

  /** Throws unless the input has this rank; for `build`. */
  protected expectRank(inputShape: Shape, axes: string, instead: string): void {
    if (inputShape.length === axes.split(', ').length) return
    throw new RangeError(
      `${this.title}: expected an input [${axes}], got [${inputShape.map((size) => size ?? 'null').join(', ')}] ` +
        `(layer ${this.name}). Use ${instead}.`,
    )
  }
}
