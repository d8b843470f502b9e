import { leafLayers } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import type { Trainee } from './player.js'
import { SavedFields } from './saved-fields.js'

type OptimizerWeights = Awaited<ReturnType<tf.Optimizer['getWeights']>>

const registered = () => new Set(Object.values(tf.engine().registeredVariables))

const ownClasses = ['Adadelta', 'Adagrad', 'Adam', 'Adamax', 'Momentum', 'RMSProp', 'SGD']

/** Optimizers of tfjs keep everything in fields; others may hide it, and are asked for it. */
async function hiddenState(optimizer: tf.Optimizer): Promise<OptimizerWeights | undefined> {
  if (ownClasses.includes(optimizer.getClassName())) return undefined
  tf.engine().startScope()
  try {
    const weights = await optimizer.getWeights()
    return weights.map(({ name, tensor }) => ({ name, tensor: tf.keep(tensor.clone()) }))
  } catch {
    // As tf.Optimizer itself: an optimizer of somebody's own that has nothing to ask.
    return undefined
  } finally {
    tf.engine().endScope()
  }
}

/** Everything that training changes: all variables, the fields of layers and optimizers, and what players add. */
export class SavedState {
  readonly #variables: [tf.Variable, tf.Tensor][]
  readonly #fields: SavedFields
  readonly #hidden: [tf.Optimizer, OptimizerWeights][]
  readonly #snapshots: (() => void)[]
  /** Variables of the state that optimizers have loaded. */
  readonly #kept = new Set<tf.Variable>()

  private constructor(trainees: readonly Trainee[], hidden: [tf.Optimizer, OptimizerWeights][]) {
    this.#hidden = hidden
    this.#variables = [...registered()].map((variable) => [variable, tf.keep(variable.clone())])
    const layers = trainees.flatMap(({ model }) => (model ? leafLayers(model) : []))
    this.#fields = new SavedFields([...layers, ...trainees.map(({ optimizer }) => optimizer)])
    this.#snapshots = trainees.flatMap(({ snapshot }) => (snapshot ? [snapshot()] : []))
  }

  static async of(trainees: readonly Trainee[]): Promise<SavedState> {
    const hidden: [tf.Optimizer, OptimizerWeights][] = []
    for (const { optimizer } of trainees) {
      const weights = await hiddenState(optimizer)
      if (weights) hidden.push([optimizer, weights])
    }
    return new SavedState(trainees, hidden)
  }

  /** May be called any number of times. Variables that were made since are disposed of. */
  async restore(): Promise<void> {
    for (const [optimizer, weights] of this.#hidden) await this.#load(optimizer, weights)
    this.#fields.restore()
    for (const [variable, saved] of this.#variables) {
      if (!variable.isDisposed && variable.dataId !== saved.dataId) variable.assign(saved)
    }
    const known = new Set(this.#variables.map(([variable]) => variable))
    for (const variable of registered()) {
      if (!known.has(variable) && !this.#kept.has(variable)) variable.dispose()
    }
    for (const restore of this.#snapshots) restore()
  }

  dispose(): void {
    for (const [, saved] of this.#variables) saved.dispose()
    for (const [, weights] of this.#hidden) tf.dispose(weights.map(({ tensor }) => tensor))
    this.#fields.dispose()
  }

  async #load(optimizer: tf.Optimizer, weights: OptimizerWeights): Promise<void> {
    const before = registered()
    tf.engine().startScope()
    await optimizer.setWeights(weights.map(({ name, tensor }) => ({ name, tensor: tensor.clone() })))
    tf.engine().endScope()
    const visible = this.#fields.variables()
    const made = [...registered()].filter((variable) => !before.has(variable) && !visible.has(variable))
    for (const variable of made) this.#kept.add(variable)
  }
}
