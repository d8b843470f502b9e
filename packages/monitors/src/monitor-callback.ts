import type * as tf from '@tensorflow/tfjs-core'
import { Callback } from '@tensorflow/tfjs-layers'
import type { GradientMonitor } from './gradient-monitor.js'
import type { LossMonitor } from './loss-monitor.js'
import { watchOptimizer } from './watch-optimizer.js'

export interface MonitorCallbackArgs {
  gradients?: GradientMonitor
  losses?: LossMonitor
  /** End the training when a finding of severity `error` is raised, such as NaN; `false` by default. */
  stopOnError?: boolean
}

/** Logs of `fit`: numbers, or scalars that other callbacks have not read yet. */
type Logs = Readonly<Record<string, number | tf.Tensor>>

/**
 * The monitors as a callback of `model.fit` and `model.fitDataset`: losses after every batch, gradients from the
 * model's optimizer, which is released when the training ends.
 *
 * Only `loss` and, with several outputs, `<output>_loss` are watched. They are means over the batch and include the
 * L1/L2 penalties. Steps count on over epochs and over several calls of `fit`.
 */
export function monitorCallback(args: MonitorCallbackArgs): Callback {
  return new MonitorCallback(args)
}

class MonitorCallback extends Callback {
  private unwatch: (() => void) | undefined
  /** Errors found so far; an observation may be judged before the batch ends. */
  private seen = 0

  constructor(private readonly args: MonitorCallbackArgs) {
    super()
  }

  override async onTrainBegin(): Promise<void> {
    this.unwatch?.()
    this.seen = this.errors()
    const { gradients } = this.args
    this.unwatch = gradients && watchOptimizer(this.model.optimizer, gradients)
  }

  override async onBatchEnd(_batch: number, logs?: Logs): Promise<void> {
    const { gradients, losses, stopOnError = false } = this.args
    await gradients?.settled()
    if (losses && logs) losses.observe(losses.step + 1, await readLosses(logs))
    if (stopOnError && this.errors() > this.seen) this.model.stopTraining = true
  }

  override async onTrainEnd(): Promise<void> {
    this.unwatch?.()
    this.unwatch = undefined
    await this.args.gradients?.settled()
  }

  private errors(): number {
    const { gradients, losses } = this.args
    const findings = [...(gradients?.findings ?? []), ...(losses?.findings ?? [])]
    return findings.filter(({ severity }) => severity === 'error').length
  }
}

async function readLosses(logs: Logs): Promise<Record<string, number>> {
  const entries = Object.entries(logs).filter(([name]) => name === 'loss' || name.endsWith('_loss'))
  return Object.fromEntries(
    await Promise.all(
      entries.map(async ([name, value]) => [
        name,
        typeof value === 'number' ? value : ((await value.data())[0] ?? Number.NaN),
      ]),
    ),
  )
}
