import * as tf from '@tensorflow/tfjs-core'
import { learningRateOf, setLearningRate } from '../attach/hook-optimizer.js'
import type { Recorder } from '../recorder.js'
import type { Control, WeightCopy } from './action.js'

/** Carries out what actions ask for. */
export class TrainingControl implements Control {
  stopped: string | undefined
  private good: WeightCopy | undefined

  constructor(
    private readonly recorder: Recorder,
    private readonly keepsGoodWeights: boolean,
  ) {}

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
    this.good?.restore()
    return this.good !== undefined
  }

  copyWeights(): WeightCopy {
    const variables = [...this.recorder.probes.keys()].flatMap((probe) => probe.allVariables())
    // Clones share their values with the variables until these are updated.
    const clones = variables.map((variable) => ({ variable, clone: tf.keep(variable.clone()) }))
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

  /** Weights that become the good ones if the reading that is on its way turns out well. */
  takeCandidate(): WeightCopy | undefined {
    return this.keepsGoodWeights ? this.copyWeights() : undefined
  }

  settleCandidate(candidate: WeightCopy | undefined, good: boolean): void {
    if (!candidate) return
    const worse = good ? this.good : candidate
    worse?.dispose()
    if (good) this.good = candidate
  }

  dispose(): void {
    this.good?.dispose()
    this.good = undefined
  }
}
