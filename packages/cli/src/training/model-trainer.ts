import type { Batch, Samples } from '@dlkit/checks'
import type { Monitor } from '@dlkit/monitors'
import { type DropoutCalls, dropoutCalls, setDropoutCalls } from '@dlkit/regularizers'
import {
  joinGroups,
  loadModelTensors,
  loadOptimizerTensors,
  modelTensors,
  optimizerTensors,
  takeGroup,
} from '@dlkit/training'
import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { Tensors, Trainer } from './trainer.js'

/** Trains a compiled model, a batch at a time, with its loss, optimizer and metrics. */
export class ModelTrainer implements Trainer {
  constructor(private readonly model: LayersModel) {
    if (!model.optimizer) {
      throw new TypeError(
        'expected a compiled model; call model.compile({ optimizer, loss }), or give loss beside the model',
      )
    }
  }

  async step({ inputs, targets }: Batch): Promise<Record<string, number>> {
    const values = await this.model.trainOnBatch(inputs, targets ?? [])
    return this.named(Array.isArray(values) ? values : [values])
  }

  async evaluate({ inputs, targets }: Samples, batchSize: number): Promise<Record<string, number>> {
    const result = this.model.evaluate(inputs, targets ?? [], { batchSize })
    const scalars = Array.isArray(result) ? result : [result]
    const values = await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0]!))
    for (const scalar of scalars) scalar.dispose()
    return this.named(values)
  }

  watch(monitor: Monitor): void {
    monitor.attach({ model: this.model, optimizer: this.model.optimizer as tf.Optimizer })
  }

  weights(): Tensors {
    return joinGroups({ model: modelTensors(this.model) })
  }

  state(): Tensors {
    const optimizer = joinGroups({ optimizer: optimizerTensors(this.model.optimizer) })
    const weights = Object.entries(this.weights()).map(([name, tensor]) => [name, tensor.clone()])
    return { ...Object.fromEntries(weights), ...optimizer }
  }

  restore(tensors: Tensors): void {
    loadModelTensors(this.model, takeGroup(tensors, 'model'))
    loadOptimizerTensors(this.model.optimizer, takeGroup(tensors, 'optimizer'))
  }

  counters(): Record<string, DropoutCalls> {
    return { model: dropoutCalls(this.model) }
  }

  setCounters({ model }: Record<string, DropoutCalls>): void {
    setDropoutCalls(this.model, model ?? {})
  }

  dispose(): void {
    this.model.dispose()
  }

  private named(values: readonly number[]): Record<string, number> {
    return Object.fromEntries(
      values.map((value, index) => [this.model.metricsNames[index] ?? `metric${index}`, value]),
    )
  }
}
