import type * as tf from '@tensorflow/tfjs-core'
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers'
import type { Monitor } from './monitor.js'
import type { LossKind } from './rules/rule.js'

/** Logs of `fit`: numbers, or scalars that other callbacks have not read yet. */
type Logs = Readonly<Record<string, number | tf.Tensor>>

/**
 * A monitor as a callback of `model.fit` and `model.fitDataset`. It attaches to the model and its optimizer while they
 * train, counts batches as steps over epochs and several calls of `fit`, and takes in the validation of each epoch.
 *
 * Beside plain-object callbacks wrap those, `[monitorCallback(monitor), new CustomCallback({ … })]`: tfjs does not
 * accept a mixed list.
 */
export function monitorCallback(monitor: Monitor): Callback {
  return new MonitorCallback(monitor)
}

const lossKinds: readonly LossKind[] = [
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'meanSquaredError',
  'meanAbsoluteError',
  'hinge',
  'categoricalHinge',
]

class MonitorCallback extends Callback {
  private detach: (() => void) | undefined

  constructor(private readonly monitor: Monitor) {
    super()
  }

  override async onTrainBegin(): Promise<void> {
    const { model, monitor } = this
    this.detach?.()
    const loss = lossKindOf(model)
    const { samples } = this.params ?? {}
    monitor.fitHooks.describe({ ...(loss && { loss }), ...(typeof samples === 'number' && { samples }) })
    this.detach = monitor.attach({ model, optimizer: model.optimizer })
    monitor.fitHooks.begin()
  }

  override async onBatchBegin(): Promise<void> {
    this.monitor.fitHooks.beginBatch()
  }

  override async onBatchEnd(): Promise<void> {
    await this.monitor.step()
    this.stopIfAsked()
  }

  override async onEpochEnd(_epoch: number, logs?: Logs): Promise<void> {
    const { fitHooks } = this.monitor
    const samples = fitHooks.takeValidationSamples()
    const loss = await readLog(logs?.val_loss)
    if (loss === undefined) return
    await this.monitor.settled()
    await this.monitor.validation({ loss, ...(samples > 0 && { samples }) })
    this.stopIfAsked()
  }

  override async onTrainEnd(): Promise<void> {
    this.detach?.()
    this.detach = undefined
    this.monitor.fitHooks.end()
    await this.monitor.settled()
  }

  private stopIfAsked(): void {
    if (this.monitor.stopped !== undefined) this.model.stopTraining = true
  }
}

async function readLog(log: number | tf.Tensor | undefined): Promise<number | undefined> {
  return typeof log === 'object' ? (await log.data())[0] : log
}

/** The loss of a model with one output, if it was compiled with the name of one that has a value for a guess. */
function lossKindOf({ loss }: LayersModel): LossKind | undefined {
  const name = Array.isArray(loss) && loss.length === 1 ? loss[0] : loss
  return lossKinds.find((kind) => kind === name)
}
