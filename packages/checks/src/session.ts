import * as tf from '@tensorflow/tfjs-core'
import { atRate } from './at-rate.js'
import type { Subject, Trainee } from './player.js'
import { type CheckData, checkSamples, countOf, disposeBatch, type Samples, take } from './samples.js'
import { SavedState } from './saved-state.js'
import { seededRandom, shuffledIndices } from './seeded-random.js'
import { traineesOf } from './trainees.js'

/** Options that all checks share. */
export interface CheckOptions {
  /** Samples of a training step. */
  batchSize?: number
  /** Integer from which everything random in the checks follows. */
  seed?: number
  /** Training steps of each check that trains, at most; each has its own default. */
  steps?: number
  /** Called by checks that train, up to 50 times: how many of their steps are done. */
  onProgress?: (done: number, total: number) => void
}

const defaults = { batchSize: 32, seed: 1 }
const names = ['batchSize', 'seed', 'steps', 'onProgress']

export function checkOptions(options: object, known: readonly string[], caller: string): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new TypeError(`${caller}: unknown option "${unknown}". Choose from ${known.join(', ')}.`)
  }
  for (const name of ['batchSize', 'steps'] as const) {
    const value = (options as CheckOptions)[name]
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`${caller}: expected ${name} to be a whole number from 1, got ${value}.`)
    }
  }
  const { seed } = options as CheckOptions
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new RangeError(`${caller}: expected seed to be a whole number, got ${seed}. Choose e.g. 1.`)
  }
}

/**
 * What is checked, and its state from before. While a session is open `Math.random` is a seeded generator, as tfjs draws
 * from it; afterwards it is what it was.
 */
export class Session {
  readonly trainees: readonly [Trainee, ...Trainee[]]
  readonly data: CheckData
  readonly batchSize: number
  readonly seed: number
  readonly steps: number | undefined
  onProgress: (done: number, total: number) => void
  readonly #state: SavedState
  readonly #mathRandom: () => number
  readonly #end: () => void

  private constructor(
    players: ReturnType<typeof traineesOf>,
    state: SavedState,
    mathRandom: () => number,
    data: CheckData,
    options: CheckOptions,
  ) {
    this.trainees = players.trainees
    this.#end = players.dispose
    this.#state = state
    this.#mathRandom = mathRandom
    this.data = data
    this.batchSize = Math.min(options.batchSize ?? defaults.batchSize, countOf(data))
    this.seed = options.seed ?? defaults.seed
    this.steps = options.steps
    this.onProgress = options.onProgress ?? (() => {})
  }

  static async open(
    subject: Subject,
    data: CheckData,
    options: CheckOptions,
    caller: string,
  ): Promise<Session> {
    checkOptions(options, names, caller)
    checkSamples(data, 'data')
    for (const part of ['validation', 'test'] as const)
      if (data[part]) checkSamples(data[part], `data.${part}`)
    const players = traineesOf(subject)
    const mathRandom = Math.random
    const session = new Session(players, await SavedState.of(players.trainees), mathRandom, data, options)
    Math.random = seededRandom(session.seed)
    return session
  }

  /** Puts everything back as it was when the session was opened, and starts random numbers again. */
  async rewind(): Promise<void> {
    await this.#state.restore()
    Math.random = seededRandom(this.seed)
  }

  async close(): Promise<void> {
    await this.#state.restore()
    this.#state.dispose()
    this.#end()
    Math.random = this.#mathRandom
  }

  get count(): number {
    return countOf(this.data)
  }

  get hasTargets(): boolean {
    return this.data.targets !== undefined
  }

  /** The first samples. */
  firstBatch(size = this.batchSize): Samples {
    return take(
      this.data,
      Array.from({ length: Math.min(size, this.count) }, (_, index) => index),
    )
  }

  /** Positions of full batches in a shuffled order that begins anew after each epoch. */
  *shuffledBatches(): Generator<number[], never> {
    const random = seededRandom(this.seed + 1)
    for (;;) {
      const order = shuffledIndices(this.count, random)
      for (let start = 0; start + this.batchSize <= this.count; start += this.batchSize) {
        yield order.slice(start, start + this.batchSize)
      }
    }
  }
}

/** Reads a scalar and disposes of it. */
export async function read(make: () => tf.Scalar): Promise<number> {
  const scalar = tf.tidy(make)
  const [value] = await scalar.data()
  scalar.dispose()
  return value!
}

/** The loss without penalties. */
export async function dataLoss(
  { loss, penalty }: Trainee,
  batch: Samples,
  training: boolean,
): Promise<number> {
  return read(() => (penalty ? tf.sub<tf.Scalar>(loss(batch, training), penalty()) : loss(batch, training)))
}

/** Throws what the loss throws. Within a gradient tfjs would leave tensors behind. */
export async function tryLoss(session: Session, { loss }: Trainee): Promise<void> {
  const batch = session.firstBatch()
  try {
    await read(() => {
      const value = loss(batch, true)
      if (value.rank !== 0) throw new RangeError(`the loss has shape [${value.shape}] instead of []`)
      return value
    })
  } finally {
    disposeBatch(batch)
  }
  await session.rewind()
}

/** One update; the loss before it. */
export async function trainStep({ loss, optimizer, variables }: Trainee, batch: Samples): Promise<number> {
  const list = [...variables] as tf.Variable[]
  const value = tf.tidy(() =>
    list.length === 0 ? loss(batch, true) : optimizer.minimize(() => loss(batch, true), true, list)!,
  )
  const [number] = await value.data()
  value.dispose()
  return number!
}

export interface Training {
  steps: number
  /** Makes the batch of a step; it is disposed of afterwards. */
  batch: (step: number) => Samples
  /** The learning rate of each step; the optimizer's own when it is left out. */
  rate?: ((step: number) => number) | undefined
  /** Called after each update with the loss before it; `true` ends the training. */
  onStep?: (loss: number, step: number) => boolean | undefined | Promise<boolean | undefined>
}

/** Trains, and tells the session's listener about it. */
export async function train(session: Session, trainee: Trainee, training: Training): Promise<number[]> {
  const { steps, batch, rate, onStep } = training
  const losses: number[] = []
  const often = Math.ceil(steps / 50)
  for (let step = 0; step < steps; step++) {
    const samples = batch(step)
    try {
      losses.push(await trainStep(rate ? atRate(trainee, rate(step)) : trainee, samples))
    } finally {
      disposeBatch(samples)
    }
    if ((step + 1) % often === 0) session.onProgress(step + 1, steps)
    if (await onStep?.(losses.at(-1)!, step)) break
  }
  return losses
}
