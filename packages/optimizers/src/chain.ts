import * as tf from '@tensorflow/tfjs-core'
import { ChainState } from './chain-state.js'
import { type LearningRate, rateAt } from './learning-rate.js'
import { loadOptimizerTensors, optimizerTensors } from './optimizer-tensors.js'
import { chosen, type Step, scaled, type Transform, type Update } from './step.js'

/** A transform, several of them, or, at the end of a chain, an optimizer of `tf.train`. */
export type ChainElement = Transform | tf.Optimizer | readonly ChainElement[]

type Gradients = Parameters<tf.Optimizer['applyGradients']>[0]

/**
 * An optimizer made of transforms, each of which changes what the one before it leaves of the gradients. It is a
 * `tf.Optimizer`: for `model.compile`, `minimize` and `applyGradients`.
 *
 * One element has the learning rate: `sgd`, `adam`, `adamW`, `nadam`, `rmsprop`, `lion`, `adafactor`, or an optimizer of
 * `tf.train`, which comes last. What comes before it works on gradients, what comes behind it on the direction to go,
 * before it is multiplied by the rate.
 *
 * No step reads a value, so on backends that record, a step stays one graph. States are made in the first step of a weight
 * and freed by `dispose`. `getWeights` and `setWeights` continue a training bit for bit.
 *
 * @throws {TypeError} unless exactly one element has a learning rate, or when an optimizer of `tf.train` is not the last.
 *
 * @example
 * model.compile({ optimizer: chain(clipByGlobalNorm(1), adamW({ learningRate: 1e-3 })), loss: 'meanSquaredError' })
 */
export function chain(...elements: readonly ChainElement[]): Chain {
  return new Chain(elements)
}

/** What {@link chain} makes. */
export class Chain extends tf.Optimizer {
  static readonly className = 'Chain'
  /** Engines may replay its steps: numbers that change are asked for by `step.number`. */
  static readonly replayable = true
  readonly #transforms: readonly { transform: Transform; element: string }[]
  readonly #last: tf.Optimizer | undefined
  readonly #states = new ChainState()
  #learningRate: LearningRate

  constructor(elements: readonly ChainElement[]) {
    super()
    const flat = flatten(elements)
    const last = flat.at(-1)
    const optimizer = last !== undefined && isOptimizer(last) ? last : undefined
    const transforms = optimizer ? flat.slice(0, -1) : flat
    const rates = transforms.flatMap((x) => (isOptimizer(x) ? x : (x.learningRate ?? [])))
    if (rates.some((rate) => typeof rate === 'object') || rates.length + (optimizer ? 1 : 0) !== 1) {
      const names = flat.map((x) => (isOptimizer(x) ? `tf.train's ${x.getClassName()}` : x.name))
      throw new TypeError(
        `chain: expected one element with a learning rate, an optimizer of tf.train only at the end, got ` +
          `${names.join(', ') || 'no element'}. Use one of sgd, adam, adamW, nadam, rmsprop, lion, adafactor.`,
      )
    }
    this.#last = optimizer
    this.#transforms = (transforms as Transform[]).map((transform, i) => ({
      transform,
      element: `${i}.${transform.name}`,
    }))
    this.#learningRate = optimizer ? 0 : (rates[0] as LearningRate)
  }

  /** The rate of the next step. Setting it puts a number in the place of a schedule. */
  get learningRate(): number {
    if (this.#last) return (this.#last as unknown as { learningRate: number }).learningRate
    const passed = (steps: number, { transform }: { transform: Transform }) =>
      transform.passes?.(steps) ?? steps
    return rateAt(this.#learningRate, this.#transforms.reduce(passed, this.iterations))
  }

  set learningRate(rate: number) {
    const last = this.#last as { setLearningRate?(rate: number): void } | undefined
    if (last === undefined) this.#learningRate = rate
    else if (last.setLearningRate) last.setLearningRate(rate)
    else Object.assign(last, { learningRate: rate })
  }

  override applyGradients(gradients: Gradients): void {
    const given = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients)
    tf.tidy(() => {
      const step = this.#transformed(given)
      if (step === 'assigned') return
      if (this.#last) this.#handOver(this.#last, step)
      else this.#assign(step)
    })
    this.incrementIterations()
  }

  /** The complete state by name, as snapshots that belong to the caller. */
  tensors(): Record<string, tf.Tensor> {
    const last = this.#last ? Object.entries(optimizerTensors(this.#last)) : []
    const own = Object.entries(this.#states.tensors())
    return {
      iterations: tf.scalar(this.iterations, 'int32'),
      ...Object.fromEntries(own.map(([name, variable]) => [name, variable.clone()])),
      ...Object.fromEntries(last.map(([name, tensor]) => [`last/${name}`, tensor])),
    }
  }

  /**
   * Continues from {@link tensors} of the same chain, which stay the caller's. Weights find their state by name, or,
   * where their names are other ones, by their order.
   *
   * @throws {RangeError} now or in the next step, when the tensors are those of another chain or of other weights.
   */
  load({ iterations, ...tensors }: Readonly<Record<string, tf.Tensor>>): void {
    if (iterations?.rank !== 0 || iterations.dtype !== 'int32') {
      throw new RangeError(
        `chain: expected a scalar "iterations" of type int32, got ${Object.keys(tensors).slice(0, 4).join(', ') || 'nothing'}. ` +
          'Use what the tensors of a chain were.',
      )
    }
    const own = Object.entries(tensors).filter(([name]) => !name.startsWith('last/'))
    const last = Object.entries(tensors).filter(([name]) => name.startsWith('last/'))
    const count = iterations.dataSync()[0]!
    this.#states.load(
      Object.fromEntries(own),
      this.#transforms.map(({ element }) => element),
    )
    if (this.#last) {
      const named = last.map(([name, tensor]) => [name.slice('last/'.length), tensor])
      loadOptimizerTensors(this.#last, Object.fromEntries(named))
    }
    this.iterations_ = count
  }

  override async getWeights(): Promise<{ name: string; tensor: tf.Tensor }[]> {
    const { iterations, ...tensors } = this.tensors()
    return Object.entries({ iterations: iterations!, ...tensors }).map(([name, tensor]) => ({ name, tensor }))
  }

  override async setWeights(weights: { name: string; tensor: tf.Tensor }[]): Promise<void> {
    this.load(Object.fromEntries(weights.map(({ name, tensor }) => [name, tensor])))
  }

  override getConfig() {
    return { elements: this.#transforms.map(({ transform }) => transform.name) }
  }

  override dispose(): void {
    this.#states.dispose()
    this.#last?.dispose()
  }

  #transformed(given: readonly (readonly [string, tf.Tensor | null | undefined])[]): Step | 'assigned' {
    this.#states.meet(given.map(([name]) => name))
    const updates: Update[] = given.flatMap(([name, direction]) =>
      direction === null || direction === undefined
        ? []
        : { variable: variableOf(name), direction, factor: 1 },
    )
    const states = this.#states
    let step: Step = {
      updates,
      before: () => this.iterations,
      after: () => this.iterations + 1,
      scale: undefined,
      made: undefined,
      number: (next) => this.#number(next),
      states,
      element: '',
    }
    const last = this.#last ? undefined : this.#transforms.at(-1)?.transform
    for (const { transform, element } of this.#transforms) {
      const { before, after } = step
      step = { ...(transform.takesScale ? step : scaled(step)), element }
      const minusRate = () => this.#number(() => -rateAt(this.#learningRate, before()))
      if (transform === last && transform.assign?.(step, minusRate)) return 'assigned'
      step = transform.update(step)
      const { passes } = transform
      if (passes) step = { ...step, before: () => passes(before()), after: () => passes(after()) }
    }
    return scaled(step)
  }

  #assign({ updates, before, made }: Step): void {
    const rates = new Map<number, tf.Scalar>()
    for (const { variable, direction, factor } of updates) {
      const rate = rates.get(factor) ?? this.#number(() => rateAt(this.#learningRate, before()) * factor)
      rates.set(factor, rate)
      variable.assign(chosen(made, tf.sub(variable, tf.mul(direction, rate)), variable))
    }
  }

  #handOver(last: tf.Optimizer, { updates, made }: Step): void {
    if (made !== undefined || updates.some(({ factor }) => factor !== 1)) {
      throw new TypeError(
        `chain: expected no accumulate, skipNonFinite or factors of the rate before an optimizer of tf.train, ` +
          `which cannot follow them. Use sgd, rmsprop or adam of this package instead of ${last.getClassName()}.`,
      )
    }
    last.applyGradients(
      updates.map(({ variable, direction }) => ({ name: variable.name, tensor: direction })),
    )
  }

  /** A scalar that a backend which repeats recorded steps asks for again in each. */
  #number(next: () => number): tf.Scalar {
    const scalar = tf.scalar(next())
    const { recording } = tf.engine().backend as { recording?: { follow(...args: unknown[]): void } }
    recording?.follow(scalar.dataId, () => Float32Array.of(next()), this)
    return scalar
  }
}

function variableOf(name: string): tf.Variable {
  const variable = tf.engine().registeredVariables[name]
  if (variable !== undefined) return variable
  throw new RangeError(
    `chain: expected gradients by the names of variables, got "${name}". Use variable.name, and variables that are not disposed.`,
  )
}

function flatten(elements: readonly ChainElement[]): (Transform | tf.Optimizer)[] {
  return elements.flatMap((element) => (isList(element) ? flatten(element) : element))
}

function isList(element: ChainElement): element is readonly ChainElement[] {
  return Array.isArray(element)
}

function isOptimizer(element: object): element is tf.Optimizer {
  return 'applyGradients' in element
}
