import * as tf from '@tensorflow/tfjs-core'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { augmentPairs } from '../augment/augment-pairs.js'
import { type AugmentOptions, checkAugmentation } from '../augment/augmentation.js'
import { checkSeed, type Random, seededRandom, shuffledIndices } from '../random.js'
import type { PairSet } from './pair-set.js'
import { type PairTensors, pairTensors } from './pair-tensors.js'

/** Options of `PairBatches`. */
export interface PairBatchesArgs {
  /** Pairs per batch. A set that is not larger than this gives one batch of all its pairs per epoch. */
  batchSize: number
  /** The same seed gives the same order of pairs, and the same changes of them. */
  seed: number
  /** Random changes, other ones in every batch; see `standardAugmentation`. Default: none. */
  augment?: AugmentOptions
}

/** Where a `PairBatches` stands; plain JSON. */
export interface BatchesState {
  readonly count: number
  readonly batchSize: number
  readonly epoch: number
  /** Pairs already handed out in this epoch. */
  readonly position: number
  /** State of the random generator before this epoch was shuffled. */
  readonly generator: readonly number[]
}

/** A batch of pairs, as tensors that the caller disposes of. */
export interface PairBatch extends PairTensors {
  readonly ids: string[]
}

/**
 * An endless, seeded stream of training batches in [-1, 1]. All pairs are shuffled anew for every epoch, and no
 * pair comes twice in one epoch. The last short batch of an epoch is dropped, so that all batches have one shape,
 * unless the set is smaller than a batch. `state()` and `restore()` continue the stream exactly.
 */
export class PairBatches {
  readonly batchesPerEpoch: number
  /** Pairs in each batch: `batchSize`, or the whole set where that is smaller. */
  readonly batchSize: number
  readonly #set: PairSet
  readonly #seed: number
  readonly #augment: AugmentOptions | undefined
  #random: Random
  #generator: readonly number[]
  #order: Uint32Array
  #epoch = 0
  #position = 0

  /** Throws a RangeError for an empty set, a batch size below 1 and a seed that is no whole number. */
  constructor(set: PairSet, { batchSize, seed, augment }: PairBatchesArgs) {
    const count = set.ids.length
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `PairBatches: expected batchSize to be a whole number from 1, got ${batchSize}. Choose e.g. 8.`,
      )
    }
    if (count === 0) {
      throw new RangeError(
        'PairBatches: expected at least one pair, got an empty set. Add pictures to this split.',
      )
    }
    checkSeed(seed, 'PairBatches')
    checkAugmentation(augment ?? {}, 'PairBatches')
    this.#set = set
    this.#seed = seed
    this.#augment = augment
    this.batchSize = Math.min(batchSize, count)
    this.batchesPerEpoch = Math.floor(count / this.batchSize)
    this.#random = seededRandom(seed, 'batches')
    this.#generator = this.#random.getState()
    this.#order = shuffledIndices(count, this.#random)
  }

  /** The number of epochs begun before the next batch, from 0. */
  get epoch(): number {
    return this.#position + this.batchSize > this.#order.length ? this.#epoch + 1 : this.#epoch
  }

  /** The next batch; the caller disposes its tensors. */
  next(): PairBatch {
    if (this.#position + this.batchSize > this.#order.length) {
      this.#epoch++
      this.#position = 0
      this.#generator = this.#random.getState()
      this.#order = shuffledIndices(this.#order.length, this.#random)
    }
    const indices = this.#order.subarray(this.#position, this.#position + this.batchSize)
    this.#position += this.batchSize
    return { ...this.#tensors(indices), ids: Array.from(indices, (index) => this.#set.ids[index]!) }
  }

  #tensors(indices: Uint32Array): PairTensors {
    const pair = pairTensors(this.#set, indices)
    if (!this.#augment) return pair
    const step = this.#epoch * this.batchesPerEpoch + this.#position / this.batchSize
    try {
      return augmentPairs(pair, { ...this.#augment, seed: this.#seed, step })
    } finally {
      tf.dispose([pair.line, pair.colour, ...(pair.reference ? [pair.reference] : [])])
    }
  }

  state(): BatchesState {
    return {
      count: this.#order.length,
      batchSize: this.batchSize,
      epoch: this.#epoch,
      position: this.#position,
      generator: [...this.#generator],
    }
  }

  /** Continues from a state taken with the same set and batch size. Throws a RangeError for any other state. */
  restore(state: BatchesState): void {
    const count = this.#order.length
    if (state.count !== count || state.batchSize !== this.batchSize) {
      throw new RangeError(
        `PairBatches: expected a state of ${count} pairs in batches of ${this.batchSize}, ` +
          `got ${state.count} pairs in batches of ${state.batchSize}. Resume with the data and batch size of the run.`,
      )
    }
    const { epoch, position, generator } = state
    const whole = [epoch, position, ...generator].every(Number.isInteger)
    if (!whole || epoch < 0 || position < 0 || position > count || generator.length !== 4) {
      throw new RangeError(
        `PairBatches: expected a state made by state(), got ${JSON.stringify(state)}. Use a whole checkpoint.`,
      )
    }
    this.#generator = [...generator]
    this.#random = xoroshiro128plusFromState(generator)
    this.#order = shuffledIndices(count, this.#random)
    this.#epoch = epoch
    this.#position = position
  }
}
