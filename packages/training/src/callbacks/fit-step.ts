import * as tf from '@tensorflow/tfjs-core'
import type { StepEvent } from '../callback.js'

/** Logs of `fit`: numbers, or scalars that nobody has read yet. */
export type Logs = Readonly<Record<string, number | tf.Tensor>>

/** `fit` counts and numbers its batches in the logs, too. */
const NO_LOSSES = new Set(['batch', 'size'])

/** The numbers of logs, which stay as they are. */
export function readLogs(logs: Logs): Record<string, number> {
  const entries = Object.entries(logs).filter(([name]) => !NO_LOSSES.has(name))
  return Object.fromEntries(
    entries.map(([name, log]) => [name, typeof log === 'number' ? log : log.dataSync()[0]!]),
  )
}

/** A batch of `fit` as a step. Its losses are read when they are asked for: that waits for the device. */
export class FitStep implements StepEvent {
  readonly measures = false
  #logs: Record<string, number | tf.Tensor>
  #losses: Record<string, number> | undefined

  constructor(
    readonly step: number,
    logs: Logs,
    readonly stop: StepEvent['stop'],
  ) {
    const kept = Object.entries(logs).map(([name, log]) => [
      name,
      typeof log === 'number' ? log : tf.keep(log.clone()),
    ])
    this.#logs = Object.fromEntries(kept)
  }

  get losses(): Record<string, number> {
    this.#losses ??= readLogs(this.#logs)
    return this.#losses
  }

  dispose(): void {
    tf.dispose(Object.values(this.#logs).filter((log) => typeof log !== 'number'))
    this.#logs = {}
  }
}
