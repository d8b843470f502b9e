import * as tf from '@tensorflow/tfjs-core'
import type { StepLosses } from '../reading.js'
import type { Pack, Slot } from './pack.js'

type Value = number | tf.Scalar

/** Losses of the steps since the last reading. Scalars stay on the device until then. */
export class LossBuffer {
  private running = new Map<string, Value>()
  private ended: { step: number; values: Map<string, Value> }[] = []

  /** The scalar stays the caller's. */
  set(name: string, value: Value): void {
    this.forget(name)
    this.running.set(name, typeof value === 'number' ? value : tf.keep(value.clone()))
  }

  /** Adds to a loss that has several outputs. */
  add(name: string, value: tf.Tensor): void {
    const before = this.running.get(name)
    const sum = tf.tidy(() => {
      const mean = tf.mean<tf.Scalar>(value)
      return tf.keep(before === undefined ? mean.clone() : tf.add<tf.Scalar>(before, mean))
    })
    this.forget(name)
    this.running.set(name, sum)
  }

  /** A number among the losses of the running step is not finite; scalars are not looked at. */
  get hasNonFinite(): boolean {
    return [...this.running.values()].some((value) => typeof value === 'number' && !Number.isFinite(value))
  }

  get isEmpty(): boolean {
    return this.ended.length === 0
  }

  endStep(step: number): void {
    if (this.running.size > 0) this.ended.push({ step, values: this.running })
    this.running = new Map()
  }

  /** Losses of ended steps as numbers; undefined while one of them is on the device. */
  get numbers(): StepLosses[] | undefined {
    const onDevice = this.ended.some(({ values }) => [...values.values()].some((v) => typeof v !== 'number'))
    if (onDevice) return undefined
    return this.ended.map(({ step, values }) => ({
      step,
      values: Object.fromEntries(values) as Record<string, number>,
    }))
  }

  restore(losses: readonly StepLosses[]): void {
    this.dispose()
    this.ended = losses.map(({ step, values }) => ({ step, values: new Map(Object.entries(values)) }))
  }

  /** Hands all ended steps over to the pack. */
  moveTo(pack: Pack): () => StepLosses[] {
    const steps = this.ended.map(({ step, values }) => ({
      step,
      values: [...values].map(([name, value]): [string, number | Slot] => [
        name,
        typeof value === 'number' ? value : pack.add(value),
      ]),
    }))
    return () =>
      steps.map(({ step, values }) => ({
        step,
        values: withPenalty(
          Object.fromEntries(
            values.map(([name, value]) => [name, typeof value === 'number' ? value : value()[0]!]),
          ),
        ),
      }))
  }

  /** After `moveTo`, once the pack is joined. */
  clear(): void {
    for (const { values } of this.ended) disposeAll(values)
    this.ended = []
  }

  dispose(): void {
    this.clear()
    disposeAll(this.running)
    this.running.clear()
  }

  private forget(name: string): void {
    const value = this.running.get(name)
    if (value !== undefined && typeof value !== 'number') value.dispose()
    this.running.delete(name)
  }
}

function disposeAll(values: ReadonlyMap<string, Value>): void {
  for (const value of values.values()) if (typeof value !== 'number') value.dispose()
}

/** The total loss is the loss of the data and the penalties; whichever of them is not known follows. */
function withPenalty(values: Record<string, number>): Record<string, number> {
  const { loss, dataLoss, penalty } = values
  if (loss === undefined) return values
  if (dataLoss === undefined && penalty !== undefined) return { ...values, dataLoss: loss - penalty }
  if (dataLoss === undefined || penalty !== undefined) return values
  const rest = loss - dataLoss
  // Below the rounding of the two there is no penalty.
  return { ...values, penalty: Math.abs(rest) < 1e-5 * Math.abs(loss) ? 0 : rest }
}
