import * as tf from '@tensorflow/tfjs-core'
import type { FloatPair } from '../augment/augment-sample.js'
import { type AugmentOptions, checkAugmentation } from '../augment/augmentation.js'
import { DataError, PictureError } from '../errors.js'
import { checkLineArt, type Extractor, type LineJitter } from '../line-art/random-line-art.js'
import type { PairBatch } from '../pairs/pair-batches.js'
import { checkSize } from '../pairs/pair-set.js'
import { trainingLimits } from '../pairs/prepare-pair.js'
import type { PictureLimits } from '../pictures/picture-limits.js'
import { checkSeed } from '../random.js'
import type { PictureSource, Skipped } from '../sources/picture-source.js'
import { type RasterCacheOptions, roomIn } from '../workers/raster-store.js'
import { defaultWorkers, WorkerPool } from '../workers/worker-pool.js'
import { Prefetcher } from './prefetcher.js'

/** Options of `PairStream`. */
export interface PairStreamArgs {
  /** Height and width of the pairs in pixels, 16 to 1024. */
  size: number
  batchSize: number
  /** Chooses the order, the line art and the augmentation. */
  seed: number
  /** The samples to hand out, such as the train split of `splitSource`. Default: all of the source. */
  indices?: readonly number[]
  /** How pictures are made. */
  pictures?: StreamPictures
  /** How pictures are read. */
  loading?: StreamLoading
}

/** How pictures are made. */
export interface StreamPictures {
  /** How line art is drawn where the source has none; anew in every epoch. Default 'mixed'. */
  extractor?: Extractor
  /** How much the strokes of line art change at random. Default: not at all. */
  jitter?: LineJitter
  /** Random changes, other ones in every epoch; see `standardAugmentation`. Default: none. */
  augment?: AugmentOptions
  /** Pictures that are larger are not read. */
  limits?: PictureLimits
}

/** How pictures are read. */
export interface StreamLoading {
  /** Worker threads. Default: as many as the machine runs at once, none for a few pictures. */
  workers?: number
  /** Batches that are prepared ahead. Default 4. */
  prefetch?: number
  /**
   * Memory for pictures that wait to be shuffled, in bytes. The source is then read nearly in its own order, which
   * spares archives, parquet files and hard disks from jumping. Default: all samples are shuffled.
   */
  shuffleBytes?: number
  /** Keeps decoded pictures on disk. Default: not. */
  cache?: RasterCacheOptions
}

/** Where a `PairStream` stands; plain JSON. */
export interface StreamState {
  readonly count: number
  readonly batchSize: number
  readonly seed: number
  readonly epoch: number
  /** Samples of this epoch that were handed out or skipped. */
  readonly position: number
}

/**
 * An endless, seeded stream of training batches from a source of any size. Worker threads read, decode, draw and change
 * the pictures ahead of their use. Every sample comes at most once in an epoch, in an order that is new in each; the
 * rest of an epoch that does not fill a batch is dropped, unless it is all there is.
 *
 * The batches depend on the seed, the source and the options only: not on the number of workers, the prefetch or the
 * cache. `state()` and `restore()` continue exactly. A picture that cannot be used is listed in `skipped` with the
 * reason, and the next one takes its place. Call `close()` at the end.
 */
export class PairStream {
  readonly #source: PictureSource
  readonly #indices: readonly number[] | undefined
  readonly #args: PairStreamArgs
  readonly #count: number
  readonly #prefetcher: Prefetcher<FloatPair | undefined>
  readonly #skipped = new Map<number, Skipped>()
  #pool: Promise<WorkerPool> | undefined
  #epoch = 0
  #position = 0
  #last: Promise<unknown> = Promise.resolve()

  /** Throws a RangeError for options outside their range and for no sample at all. */
  constructor(source: PictureSource, args: PairStreamArgs) {
    checkArgs(source, args)
    this.#source = source
    this.#args = args
    this.#indices = args.indices
    this.#count = args.indices?.length ?? source.samples.length
    const { prefetch = 4, shuffleBytes } = args.loading ?? {}
    const buffer = shuffleBytes === undefined ? undefined : Math.floor(shuffleBytes / sampleBytes(args.size))
    this.#prefetcher = new Prefetcher({
      count: this.#count,
      seed: args.seed,
      buffer,
      capacity: (prefetch + 1) * args.batchSize + (buffer ?? 0),
      prepare: (position, epoch) => this.#prepare(position, epoch),
    })
  }

  /** The number of the epoch of the last batch, from 0. */
  get epoch(): number {
    return this.#epoch
  }

  /** The samples that could not be used so far, each once, by their number in the source. */
  get skipped(): readonly Skipped[] {
    return [...this.#skipped].sort(([a], [b]) => a - b).map(([, skipped]) => skipped)
  }

  /**
   * The next batch in [-1, 1]; the caller disposes its tensors. Throws a DataError where no sample can be used.
   */
  next(): Promise<PairBatch> {
    const batch = this.#last.then(() => this.#nextBatch())
    this.#last = batch.catch(() => undefined)
    return batch
  }

  state(): StreamState {
    const { batchSize, seed } = this.#args
    return { count: this.#count, batchSize, seed, epoch: this.#epoch, position: this.#position }
  }

  /** Continues from a state of a stream with the same source and options. Throws a RangeError for any other state. */
  restore(state: StreamState): void {
    const { batchSize, seed } = this.#args
    if (state.count !== this.#count || state.batchSize !== batchSize || state.seed !== seed) {
      throw new RangeError(
        `PairStream: expected a state of ${this.#count} samples in batches of ${batchSize} with seed ${seed}, ` +
          `got ${state.count} samples in batches of ${state.batchSize} with seed ${state.seed}. ` +
          'Resume with the data, batch size and seed of the run.',
      )
    }
    const { epoch, position } = state
    const isWhole = Number.isInteger(epoch) && Number.isInteger(position)
    if (!isWhole || epoch < 0 || position < 0 || position > this.#count) {
      throw new RangeError(
        `PairStream: expected a state made by state(), got ${JSON.stringify(state)}. Use a whole checkpoint.`,
      )
    }
    this.#epoch = epoch
    this.#position = position
    this.#prefetcher.start(epoch, position)
  }

  /** Ends the worker threads. */
  async close(): Promise<void> {
    await (await this.#pool)?.close()
  }

  async #nextBatch(): Promise<PairBatch> {
    const { batchSize } = this.#args
    let [epoch, position] = [this.#epoch, this.#position]
    let samples: { id: string; pair: FloatPair }[] = []
    let isFirstOfEpoch = position === 0
    while (samples.length < batchSize) {
      const { handedOut } = this.#prefetcher.order(epoch)
      if (position === handedOut.length) {
        if (isFirstOfEpoch && samples.length > 0) break
        if (isFirstOfEpoch) throw this.#nothingUsable()
        this.#prefetcher.dropEpoch(epoch)
        epoch++
        position = 0
        samples = []
        isFirstOfEpoch = true
        continue
      }
      const place = handedOut[position++]!
      const pair = await this.#prefetcher.take(place, epoch)
      if (pair) samples.push({ id: this.#source.samples[this.#indexOf(place)]!.id, pair })
    }
    this.#epoch = epoch
    this.#position = position
    return toBatch(samples, this.#args.size)
  }

  #indexOf(place: number): number {
    return this.#indices ? this.#indices[place]! : place
  }

  /** The pair of a sample; undefined for one that cannot be used. */
  async #prepare(place: number, epoch: number): Promise<FloatPair | undefined> {
    const index = this.#indexOf(place)
    if (this.#skipped.has(index)) return undefined
    const { size, seed, pictures = {} } = this.#args
    const { extractor = 'mixed', jitter = {}, augment = {} } = pictures
    const { id } = this.#source.samples[index]!
    this.#pool ??= this.#open()
    const pool = await this.#pool
    try {
      const located = await this.#source.pictures(index)
      const purpose = `${id} in epoch ${epoch}`
      return await pool.run('augmented', {
        pictures: located,
        size,
        extractor,
        jitter,
        seed,
        purpose,
        augment,
      })
    } catch (error) {
      if (!(error instanceof PictureError)) throw error
      this.#skipped.set(index, { file: id, reason: error.reason })
      return undefined
    }
  }

  async #open(): Promise<WorkerPool> {
    const { loading = {}, pictures = {} } = this.#args
    const { workers = defaultWorkers(this.#count), cache } = loading
    const limits = { ...trainingLimits, ...pictures.limits }
    const room = cache && (await roomIn(cache)) / Math.max(1, workers)
    return new WorkerPool({
      workers,
      limits,
      ...(cache && room !== undefined && { cache: { directory: cache.directory, room } }),
    })
  }

  #nothingUsable(): DataError {
    const [first] = this.skipped
    const why = first ? ` (${first.file}: ${first.reason})` : ''
    return new DataError(
      `PairStream: expected at least one usable sample, got none of ${this.#count}${why}. ` +
        'See skipped for the reasons.',
    )
  }
}

/** Bytes of one sample in memory: line art, colour and reference in single precision. */
function sampleBytes(size: number): number {
  return size * size * (1 + 3 + 3) * 4
}

function toBatch(samples: readonly { id: string; pair: FloatPair }[], size: number): PairBatch {
  const pairs = samples.map(({ pair }) => pair)
  const references = pairs.flatMap(({ reference }) => (reference ? [reference] : []))
  return {
    ids: samples.map(({ id }) => id),
    line: join(
      pairs.map(({ line }) => line),
      size,
    ),
    colour: join(
      pairs.map(({ colour }) => colour),
      size,
    ),
    ...(references.length === pairs.length && { reference: join(references, size) }),
  }
}

function join(pictures: readonly Float32Array[], size: number): tf.Tensor4D {
  const length = pictures[0]!.length
  const values = new Float32Array(pictures.length * length)
  pictures.forEach((picture, index) => {
    values.set(picture, index * length)
  })
  return tf.tensor4d(values, [pictures.length, size, size, length / (size * size)], 'float32')
}

function checkArgs(source: PictureSource, args: PairStreamArgs): void {
  const { size, batchSize, seed, indices, pictures = {}, loading = {} } = args
  checkSize(size, 'PairStream')
  checkSeed(seed, 'PairStream')
  checkLineArt(pictures.extractor ?? 'mixed', pictures.jitter ?? {}, 'PairStream')
  checkAugmentation(pictures.augment ?? {}, 'PairStream')
  const atLeast = (name: string, value: number, least: number, example: number): void => {
    if (Number.isInteger(value) && value >= least) return
    throw new RangeError(
      `PairStream: expected ${name} to be a whole number from ${least}, got ${value}. Choose e.g. ${example}.`,
    )
  }
  atLeast('batchSize', batchSize, 1, 8)
  atLeast('loading.prefetch', loading.prefetch ?? 1, 0, 4)
  atLeast('loading.shuffleBytes', loading.shuffleBytes ?? 1, 1, 256e6)
  const count = source.samples.length
  if ((indices?.length ?? count) === 0) {
    throw new RangeError(
      'PairStream: expected at least one sample, got none. Add pictures, or check the indices.',
    )
  }
  const wrong = indices?.find((index) => !(Number.isInteger(index) && index >= 0 && index < count))
  if (wrong !== undefined) {
    throw new RangeError(
      `PairStream: expected indices from 0 to ${count - 1}, got ${wrong}. Pass indices of this source.`,
    )
  }
}
