import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { hookModel } from './attach/hook-model.js'
import { gradientEntries, hookOptimizer, learningRateOf } from './attach/hook-optimizer.js'
import type { Network } from './attach/network.js'
import { NetworkProbe } from './attach/network-probe.js'
import { type SeenStep, type StepWatch, stepWatches } from './attach/step-watch.js'
import { BatchProbe } from './collect/batch-probe.js'
import { LossBuffer } from './collect/loss-buffer.js'
import { type ComingReading, measureStep } from './collect/measure-step.js'
import type { FullLook, Schedule } from './schedule.js'
import { lossesOf, type StepData } from './step-data.js'

export interface RecorderArgs {
  schedule: Schedule
  /** An attached optimizer is about to update its variables. */
  beforeUpdate: () => void
  /** An attached optimizer has updated its variables. */
  onUpdate: () => void
  /** Targets are class numbers. */
  sparse: () => boolean
  /** The weights before each update are wanted. */
  wantsEveryUpdate: boolean
}

/** Takes down what attached networks do in a step and measures it when the step ends. */
export class Recorder {
  /** Number of steps that have ended. */
  steps = 0
  /** False between the update of a step of `fit` and its next step: what the losses see then is a validation. */
  inTraining = true
  private fitting = false
  readonly losses = new LossBuffer()
  readonly batch = new BatchProbe()
  readonly probes = new Map<NetworkProbe, () => void>()
  private muted = false
  private seen: SeenStep | undefined
  private readonly watch: StepWatch = {
    isDue: () => this.needsProgram(),
    begin: () => {
      this.seen = { dataLosses: [], losses: {}, validated: 0, updated: [] }
    },
    end: () => {
      const seen = this.seen!
      this.seen = undefined
      return seen
    },
    take: (seen) => this.takeSeen(seen),
  }

  constructor(private readonly args: RecorderArgs) {}

  attach(network: Network): () => void {
    const { name = '', model, optimizer } = network
    if (!model && !optimizer && !network.variables) {
      throw new TypeError(
        'Monitor.attach: expected a model, an optimizer or variables, got none of them. Pass { model, optimizer }.',
      )
    }
    if ([...this.probes.keys()].some((probe) => probe.name === name)) {
      throw new Error(
        `Monitor.attach: expected a network with a name of its own, got ${name === '' ? 'a second one without a name' : `"${name}" again`}. ` +
          'Detach the other one, or name both.',
      )
    }
    const probe = new NetworkProbe(network, name)
    const releases = [
      model && this.hookModel(probe, model),
      optimizer && this.hookOptimizer(probe, optimizer),
    ]
    const detach = () => {
      if (!this.probes.delete(probe)) return
      if (this.probes.size === 0) stepWatches.delete(this.watch)
      for (const release of releases) release?.()
      probe.dispose()
      this.batch.endStep()
    }
    this.probes.set(probe, detach)
    stepWatches.add(this.watch)
    this.beginStep()
    return detach
  }

  /** Ends the running step. Returns what was due, to be read; all tensors have been used by then. */
  endStep(data: StepData): ComingReading | undefined {
    const look = this.look()
    this.steps++
    this.takeStepData(data)
    const urgent = this.losses.hasNonFinite
    this.losses.endStep(this.steps)
    const coming = look || urgent ? this.measure(look, data) : undefined
    for (const probe of this.probes.keys()) {
      probe.endStep({ rememberGradients: look?.gradients === true && !probe.hasEarlierGradients })
    }
    this.batch.endStep()
    this.args.schedule.endStep()
    this.beginStep()
    return coming
  }

  beginFit(): void {
    this.fitting = true
  }

  endFit(): void {
    this.fitting = false
    this.inTraining = true
  }

  /** The losses that have not been read yet. */
  flush(): ComingReading | undefined {
    return this.losses.isEmpty ? undefined : this.measure(undefined, {})
  }

  /** Where no optimizer tells when it updates, the weights before the update are those of now. */
  beginStep(): void {
    const look = this.look()
    for (const probe of this.probes.keys()) {
      if (!probe.network.optimizer && (look?.updates || look?.weights)) probe.takeWeights()
    }
  }

  dispose(): void {
    for (const detach of [...this.probes.values()]) detach()
    this.losses.dispose()
    this.batch.endStep()
  }

  /** What is due at the running step. */
  private look(): FullLook | undefined {
    return this.args.schedule.at(this.steps + 1)
  }

  private measure(look: FullLook | undefined, data: StepData): ComingReading {
    this.muted = true
    try {
      const { steps: step, losses, batch } = this
      const probes = [...this.probes.keys()]
      const sparse = this.args.sparse()
      return measureStep({
        step,
        look,
        data,
        losses,
        batch,
        probes,
        sparse,
        learningRates: this.learningRates(),
      })
    } finally {
      this.muted = false
    }
  }

  /** Everything that a copy of the attached networks has to hold. */
  allVariables(): tf.Variable[] {
    const variables = [...this.probes.keys()].flatMap((probe) => probe.allVariables())
    return [...new Set(variables)].filter(({ isDisposed }) => !isDisposed)
  }

  learningRates(): Record<string, number> {
    return Object.fromEntries(
      [...this.probes.keys()].flatMap(({ name, network: { optimizer } }) =>
        optimizer ? [[name, learningRateOf(optimizer)]] : [],
      ),
    )
  }

  private hookModel(probe: NetworkProbe, model: LayersModel): () => void {
    const isMain = this.probes.size === 0
    const listening = () => (this.inTraining && !this.muted ? this.look() : undefined)
    return hookModel(model, {
      onLayer: (layer, output) => {
        const look = listening()
        if (look?.activations || (look?.data && isMain)) probe.takeActivation(layer, output)
      },
      onInputs: (inputs, discrete) => {
        if (isMain && listening()?.data) this.batch.takeInputs(inputs, discrete)
      },
      onLoss: (targets, loss) => {
        const samples = targets.shape[0] ?? 1
        if (this.seen) {
          if (this.inTraining) this.seen.dataLosses.push(tf.keep(tf.mean(loss)))
          else this.seen.validated += samples
          return
        }
        if (!this.inTraining) this.batch.countValidation(samples)
        else this.losses.add('dataLoss', loss)
        if (isMain && listening()?.data) this.batch.takeTargets(targets)
      },
    })
  }

  private hookOptimizer(probe: NetworkProbe, optimizer: tf.Optimizer): () => void {
    return hookOptimizer(optimizer, {
      onLoss: (loss) => {
        const name = probe.name || 'loss'
        if (this.seen) this.seen.losses[name] = tf.keep(loss.clone())
        else this.losses.set(name, loss)
      },
      beforeUpdate: (gradients) => {
        if (this.seen) return
        const look = this.look()
        probe.findVariables(gradients)
        if (look?.gradients || probe.hasEarlierGradients) probe.takeGradients(gradients)
        if (look?.updates || look?.weights) probe.takeWeights()
        this.args.beforeUpdate()
      },
      afterUpdate: () => {
        if (this.seen) this.seen.updated.push(probe.name)
        else this.endUpdate(probe)
      },
    })
  }

  private endUpdate(probe: NetworkProbe): void {
    probe.countUpdate()
    if (this.fitting) this.inTraining = false
    this.args.onUpdate()
  }

  private needsProgram(): boolean {
    if (this.muted) return true
    if (!this.inTraining) return false
    if (this.args.wantsEveryUpdate) return true
    return this.look() !== undefined || [...this.probes.keys()].some((probe) => probe.hasEarlierGradients)
  }

  private takeSeen({ dataLosses, losses, validated, updated }: SeenStep): void {
    if (validated > 0) this.batch.countValidation(validated)
    for (const loss of dataLosses) this.losses.add('dataLoss', loss)
    for (const [name, loss] of Object.entries(losses)) this.losses.set(name, loss as tf.Scalar)
    for (const probe of this.probes.keys()) if (updated.includes(probe.name)) this.endUpdate(probe)
  }

  private takeStepData(data: StepData): void {
    for (const [name, value] of lossesOf(data, this.steps)) this.losses.set(name, value)
    const { gradients } = data
    if (!gradients) return
    const main = [...this.probes.keys()][0]
    if (!main) {
      throw new Error(
        'Monitor.step: expected a network to take the gradients for, got none. ' +
          'Call monitor.attach({ model }) or monitor.attach({ variables }) first.',
      )
    }
    main.takeGradients(gradientEntries(gradients))
  }
}
