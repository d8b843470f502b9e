import * as tf from '@tensorflow/tfjs-core'
import { learningRateOf, setLearningRate } from '../attach/hook-optimizer.js'
import type { Recorder } from '../recorder.js'
import type { Control, WeightCopy } from './action.js'
import { GoodWeights } from './good-weights.js'

/** Carries out what actions ask for. */
export class TrainingControl implements Control {
  stopped: string | undefined
  private readonly good: GoodWeights | undefined

  constructor(
    private readonly recorder: Recorder,
    keepsGoodWeights: boolean,
  ) {
    if (keepsGoodWeights) this.good = new GoodWeights()
  }

  get step(): number {
    return this.recorder.steps
  }

  stop(reason: string): void {
    this.stopped ??= reason
  }

  learningRates(): Record<string, number> {
    return this.recorder.learningRates()
  }

  scaleLearningRate(factor: number): void {
    for (const { network } of this.recorder.probes.keys()) {
      const { optimizer } = network
      if (optimizer) setLearningRate(optimizer, factor * learningRateOf(optimizer))
    }
  }

  restoreGoodWeights(): boolean {
    return this.good?.restore() ?? false
  }

  copyWeights(): WeightCopy {
    // Clones share their values with the variables until these are updated.
    const clones = this.recorder
      .allVariables()
      .map((variable) => ({ variable, clone: tf.keep(variable.clone()) }))
    return {
      step: this.recorder.steps,
      restore() {
        for (const { variable, clone } of clones) if (!variable.isDisposed) variable.assign(clone)
      },
      dispose() {
        for (const { clone } of clones) clone.dispose()
      },
    }
  }

  /** Called before the first update of variables that are not known yet. */
  beforeUpdate(): void {
    this.good?.include(this.recorder.allVariables())
  }

  /** Called at the end of each step, and when a network is attached. */
  followWeights(): void {
    this.good?.follow(this.recorder.allVariables())
  }

  dispose(): void {
    this.good?.dispose()
  }
}
