import { setImmediate } from 'node:timers/promises'
import { Callback as LayersCallback } from '@tensorflow/tfjs-layers'
import type { Callback, StepsResult } from '../callback.js'
import { snapshotParts } from '../parts/saved-parts.js'
import { FitStep, type Logs, readLogs } from './fit-step.js'
import { SeededShuffle } from './seeded-shuffle.js'

/** Options of `fitCallback`. */
export interface FitCallbackArgs {
  /** Number of steps that are finished already, from {@link resume}. Default: 0. */
  from?: number
  /** Makes `fit` shuffle by this seed and the epoch alone, so that a resumed training sees the same batches. */
  seed?: number
  /** Aborting ends the training after the batch that is running. */
  signal?: AbortSignal | undefined
}

/** What `fit` tells its callbacks; some of it is missing for data sets. */
interface FitParams {
  epochs?: number | null
  samples?: number | null
  batchSize?: number | null
  steps?: number | null
}

/**
 * Callbacks of this package for `model.fit` and `model.fitDataset`. Each batch is a step, and the logs of an epoch, with
 * those of its validation, are metrics: `loss`, `val_loss`, `acc` …
 *
 * To go on with a training, pass `initialEpoch` to `fit` and `from` here. A data set has to begin at that epoch, too; with a
 * `shuffle` see {@link skipEpochs}.
 *
 * Beside plain-object callbacks wrap those, `[fitCallback([…]), new CustomCallback({ … })]`: tfjs does not accept a mixed list.
 */
export function fitCallback(callbacks: readonly Callback[], args: FitCallbackArgs = {}): LayersCallback {
  return new FitCallback(callbacks, args)
}

class FitCallback extends LayersCallback {
  private step: number
  private epoch = 0
  private begun = false
  private stopped: string | undefined
  /** Thrown when `fit` has put its things away: an error within a batch would leave tensors behind. */
  private error: { thrown: unknown } | undefined
  private last: FitStep | undefined
  /** Of a training that was at its end before it began: `fit` trains one batch in any case. */
  private undo: ReturnType<typeof snapshotParts> | undefined
  private readonly shuffle: SeededShuffle | undefined

  constructor(
    private readonly callbacks: readonly Callback[],
    private readonly args: FitCallbackArgs,
  ) {
    super()
    const { from = 0, seed } = args
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new RangeError(`fitCallback: expected from to be a whole number from 0, got ${from}.`)
    }
    this.step = from
    if (seed !== undefined) this.shuffle = new SeededShuffle(seed)
  }

  override async onTrainBegin(): Promise<void> {
    this.begun = false
    this.stopped = undefined
    this.error = undefined
    this.shuffle?.reset()
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    this.epoch = epoch
    if (!this.begun) await this.begin()
    const { samples } = this.params as FitParams
    if (samples) this.shuffle?.begin(epoch, samples)
  }

  override async onBatchBegin(): Promise<void> {
    this.shuffle?.end()
  }

  override async onBatchEnd(_batch: number, logs: Logs = {}): Promise<void> {
    if (this.ended) return
    this.step++
    this.last?.dispose()
    this.last = new FitStep(this.step, logs, this.stop)
    const event = this.last
    await this.call((callback) => callback.onStep?.(event))
    if (this.args.signal?.aborted) this.model.stopTraining = true
    await setImmediate() // Ctrl-C and timers are heard.
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    // The rest of an epoch that was cut short is trained again by a resumed run.
    if (this.ended || this.args.signal?.aborted) return
    this.epoch = epoch + 1
    const metrics = readLogs(logs)
    const event = { step: this.step, epoch: this.epoch, metrics, stop: this.stop }
    await this.call((callback) => callback.onMetrics?.(event))
  }

  override async onTrainEnd(): Promise<void> {
    if (!this.begun) await this.begin()
    this.undo?.restore()
    this.undo?.dispose()
    this.undo = undefined
    const { stopped, step } = this
    const interrupted = this.args.signal?.aborted === true && stopped === undefined
    const result: StepsResult = { step, interrupted, ...(stopped !== undefined && { stopped }) }
    await this.call((callback) => callback.onEnd?.(result))
    await this.call((callback) => callback.onFinished?.(result))
    this.last?.dispose()
    this.last = undefined
    for (const callback of this.callbacks) callback.dispose?.()
    if (this.error === undefined) return
    await (this.model.history as unknown as { syncData(): Promise<void> }).syncData()
    throw this.error.thrown
  }

  private get ended(): boolean {
    return this.undo !== undefined || this.error !== undefined
  }

  private async begin(): Promise<void> {
    this.begun = true
    const { epochs, samples, batchSize, steps } = this.params as FitParams
    const perEpoch = steps ?? (samples ? Math.ceil(samples / (batchSize ?? 32)) : undefined)
    const from = this.step
    const left = Math.max(0, (epochs ?? 0) - this.epoch)
    const to = perEpoch === undefined ? Number.POSITIVE_INFINITY : from + left * perEpoch
    const { callbacks, stop } = this
    await this.call((callback) => callback.onStart?.({ from, to, resumesAt: 'epoch', callbacks, stop }))
    if (this.stopped !== undefined) {
      this.undo = snapshotParts({ model: this.model, optimizer: this.model.optimizer })
    }
  }

  private readonly stop = (reason: string) => {
    this.stopped ??= reason
    this.model.stopTraining = true
  }

  private async call(run: (callback: Callback) => unknown): Promise<void> {
    try {
      for (const callback of this.callbacks) if (this.error === undefined) await run(callback)
    } catch (thrown) {
      this.error = { thrown }
      this.model.stopTraining = true
    }
  }
}
