import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { Action } from './actions/action.js'
import { TrainingControl } from './actions/training-control.js'
import type { Network } from './attach/network.js'
import type { Finding, OnFinding } from './finding.js'
import type { FitHooks } from './fit-hooks.js'
import type { MonitorArgs, Task } from './monitor-args.js'
import { checkMonitorState, type MonitorState } from './monitor-state.js'
import { emptyReading, type Reading, type ValidationReading } from './reading.js'
import { ReadingQueue } from './reading-queue.js'
import { Recorder } from './recorder.js'
import { RuleSet } from './rule-set.js'
import { allRules } from './rules/all-rules.js'
import type { RuleContext } from './rules/rule.js'
import { Schedule } from './schedule.js'
import { SinkSet } from './sink-set.js'
import { consoleSink } from './sinks/console-sink.js'
import { readPicture } from './sinks/read-picture.js'
import type { StepData } from './step-data.js'

/**
 * Watches a training and says why it fails: measures gradients, weights, updates, activations, losses and data at some
 * steps, reads all of it back at once, and judges it by rules.
 *
 * Attach it with `monitorCallback` to `model.fit`, with `watch` to an optimizer, with `attach` and `step` to a loop.
 */
export class Monitor {
  /** All findings since construction or `restore`. */
  readonly findings: Finding[] = []
  /** The latest reading. */
  reading: Reading | undefined

  private readonly schedule: Schedule
  private readonly rules: RuleSet
  private readonly sinks: SinkSet
  private readonly actions: readonly Action[]
  private readonly recorder: Recorder
  private readonly control: TrainingControl
  private readonly onFinding: OnFinding | undefined
  private readonly task: Task
  /** What the running `fit` knows; `task` goes before it. */
  private fitTask: Task = {}
  private gan = false
  private stepOnUpdate = false
  private readonly queue = new ReadingQueue((reading) => this.judge(reading))

  constructor({
    every,
    sinks = [consoleSink()],
    actions = [],
    onFinding,
    rules = {},
    moreRules = [],
    task = {},
  }: MonitorArgs = {}) {
    this.rules = new RuleSet([...allRules, ...moreRules], rules)
    this.sinks = new SinkSet(sinks)
    this.schedule = new Schedule(every, this.sinks.wantHistograms)
    this.actions = actions
    this.onFinding = onFinding
    this.task = task
    const keepsGoodWeights = actions.some((action) => action.keepsGoodWeights)
    this.recorder = new Recorder({
      schedule: this.schedule,
      beforeUpdate: () => this.control.beforeUpdate(),
      onUpdate: () => {
        if (this.stepOnUpdate) this.step().catch(() => {})
      },
      wantsEveryUpdate: keepsGoodWeights,
      sparse: () => this.context.lossKind === 'sparseCategoricalCrossentropy',
    })
    this.control = new TrainingControl(this.recorder, keepsGoodWeights)
  }

  /** Number of steps seen. */
  get steps(): number {
    return this.recorder.steps
  }

  /** Why an action has ended the training; undefined while it goes on. `fit` stops by itself, loops look here. */
  get stopped(): string | undefined {
    return this.control.stopped
  }

  /**
   * Watches a network of a loop that calls `step`; returns the function that ends it and leaves model and optimizer
   * as they were.
   */
  attach(network: Network): () => void {
    const detach = this.recorder.attach(network)
    this.control.followWeights()
    return detach
  }

  /** The two networks of a GAN, in a loop that calls `step`; an update of both is one step. */
  attachGan(networks: { generator: Network; discriminator: Network }): () => void {
    const releases = [
      this.attach({ ...networks.generator, name: 'generator' }),
      this.attach({ ...networks.discriminator, name: 'discriminator' }),
    ]
    this.gan = true
    return () => {
      for (const release of releases) release()
      this.gan = false
    }
  }

  /** Watches an optimizer: every `minimize` or `applyGradients` is a step. Await `settled()` to have all findings. */
  watch(optimizer: tf.Optimizer, { model }: { model?: LayersModel } = {}): () => void {
    const release = this.attach({ optimizer, ...(model && { model }) })
    this.stepOnUpdate = true
    return () => {
      this.stepOnUpdate = false
      release()
    }
  }

  /** Takes a full look at the next step, whatever the intervals say. */
  look(): void {
    this.schedule.ask()
    this.recorder.beginStep()
  }

  /**
   * Ends a step. All tensors are used before this returns its promise; awaiting it makes findings and actions come
   * before the next step. Throws what `onFinding` or an action has thrown.
   */
  step(data: StepData = {}): Promise<void> {
    const coming = this.recorder.endStep(data)
    this.control.followWeights()
    return coming ? this.queue.add(coming) : Promise.resolve()
  }

  /**
   * Shows a picture to the sinks: `[height, width, 1 or 3]` with values in `range`, [0, 1] by default. It is read
   * before this resolves and stays the caller's.
   */
  async image(
    name: string,
    picture: tf.Tensor3D,
    { range = [0, 1] }: { range?: [number, number] } = {},
  ): Promise<void> {
    const { steps: step } = this
    await this.sinks.image({ step, ...(await readPicture(name, picture, range)) })
  }

  /** Takes in a validation: both losses without penalties. `fit` does it by itself. */
  validation(validation: Omit<ValidationReading, 'step'>): Promise<void> {
    const { steps: step } = this
    const learningRates = this.recorder.learningRates()
    return this.queue.add(async () => ({
      ...emptyReading(step),
      learningRates,
      validation: { ...validation, step },
    }))
  }

  /** Judges the losses that have not been read yet and waits for everything; throws what went wrong since. */
  async settled(): Promise<void> {
    const rest = this.recorder.flush()
    if (rest) this.queue.add(rest).catch(() => {})
    await this.queue.settled()
  }

  /** What a checkpoint must hold. Findings are not in it: they are yours to keep. */
  state(): MonitorState {
    const losses = this.recorder.losses.numbers
    if (!this.queue.isEmpty || !losses) {
      throw new Error(
        `Monitor.state: expected all readings to be back, got some on their way (step=${this.steps}). ` +
          'Await settled() first.',
      )
    }
    return structuredClone({
      kind: 'monitor',
      version: 2,
      step: this.steps,
      losses,
      schedule: this.schedule.state(),
      rules: this.rules.state(),
    })
  }

  restore(state: MonitorState): void {
    checkMonitorState(state)
    this.recorder.steps = state.step
    this.recorder.losses.restore(state.losses)
    this.schedule.restore(state.schedule)
    this.rules.restore(state.rules)
    this.findings.length = 0
    this.reading = undefined
    this.recorder.beginStep()
  }

  /** Detaches everything, frees all tensors and closes the sinks. */
  async dispose(): Promise<void> {
    try {
      await this.settled()
    } finally {
      this.recorder.dispose()
      this.control.dispose()
      for (const action of this.actions) action.dispose?.()
      await this.sinks.close()
    }
  }

  /** For `monitorCallback`: what `fit` knows about its training. */
  get fitHooks(): FitHooks {
    const { recorder } = this
    return {
      describe: (task) => {
        this.fitTask = task
      },
      begin: () => recorder.beginFit(),
      beginBatch: () => {
        recorder.inTraining = true
      },
      end: () => recorder.endFit(),
      takeValidationSamples: () => recorder.batch.takeValidationSamples(),
    }
  }

  private get context(): RuleContext {
    const { loss, samples, expectDecrease } = { ...this.fitTask, ...this.task }
    return {
      lossKind: loss,
      samples,
      expectDecrease: expectDecrease && new Set(expectDecrease),
      gan: this.gan,
    }
  }

  private async judge(reading: Reading): Promise<void> {
    this.reading = reading
    const findings = this.rules.judge(reading, this.context)
    if (this.rules.suspicious) {
      this.schedule.askClosely(reading.step)
      this.recorder.beginStep()
    }
    this.findings.push(...findings)
    await this.sinks.reading(reading)
    for (const finding of findings) {
      await this.sinks.finding(finding)
      for (const action of this.actions) await action.onFinding?.(finding, this.control)
      this.onFinding?.(finding)
    }
    for (const action of this.actions) await action.onReading?.(reading, this.control)
  }
}
