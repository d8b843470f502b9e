import * as tf from '@tensorflow/tfjs-core'
import type { layers } from '@tensorflow/tfjs-layers'
import { measureActivation } from '../collect/measure-activation.js'
import type { Pack } from '../collect/pack.js'
import { asRow, SMALL, squareSum, summarize } from '../collect/summarize.js'
import type { LayerReading, VariableReading } from '../reading.js'
import type { NamedGradient } from './hook-optimizer.js'
import { activationOf, type Network, variableOf, type WatchedVariable, watchedVariables } from './network.js'

/** What is due at a step. */
export interface Look {
  gradients: boolean
  weights: boolean
  updates: boolean
  activations: boolean
  histograms: boolean
}

/** Layers that only hand on what others have computed. */
const MOVERS = new Set([
  'InputLayer',
  'Flatten',
  'Reshape',
  'Permute',
  'RepeatVector',
  'Concatenate',
  'UpSampling2D',
  'ZeroPadding2D',
  'Cropping2D',
])

/**
 * What one attached network has shown in the running step. Tensors are kept as clones, which share their values with
 * the originals, and measured together when the step ends.
 */
export class NetworkProbe {
  private readonly gradients = new Map<string, tf.Tensor | undefined>()
  private readonly activations = new Map<layers.Layer, tf.Tensor>()
  /** Weights before the update. */
  private readonly before = new Map<string, tf.Tensor>()
  /** Gradients of the last step that was measured, for the product with the next ones. */
  private readonly earlier = new Map<string, tf.Tensor>()
  /** Variables that only the optimizer knows. */
  private readonly found = new Map<string, tf.Variable>()
  /** Updates of the optimizer since the last look at them. */
  private updates = 0
  private readonly kinds = new Map<layers.Layer, ReturnType<typeof activationOf>>()

  constructor(
    readonly network: Network,
    readonly name: string,
  ) {}

  watched(): WatchedVariable[] {
    return watchedVariables(this.network, [...this.found.values()])
  }

  trainable(): tf.Variable[] {
    return this.watched().flatMap(({ variable, trainable }) => (trainable ? [variable] : []))
  }

  /** Everything that a copy of the network has to hold, moving averages included. */
  allVariables(): tf.Variable[] {
    const weights = this.network.model?.weights.map((weight) => weight.read() as tf.Variable) ?? []
    return [...new Set([...weights, ...this.watched().map(({ variable }) => variable)])]
  }

  takeActivation(layer: layers.Layer, output: tf.Tensor): void {
    if (MOVERS.has(layer.getClassName()) && !this.network.model?.outputLayers.includes(layer)) return
    this.activations.get(layer)?.dispose()
    this.activations.delete(layer)
    this.activations.set(layer, tf.keep(output.clone()))
  }

  /** Gets to know the variables that only the optimizer knows. */
  findVariables(entries: readonly NamedGradient[]): void {
    for (const [name] of entries) {
      const variable = this.found.has(name) ? undefined : variableOf(name)
      if (variable) this.found.set(name, variable)
    }
  }

  takeGradients(entries: readonly NamedGradient[]): void {
    this.findVariables(entries)
    for (const [name, gradient] of entries) {
      this.gradients.get(name)?.dispose()
      this.gradients.set(name, gradient ? tf.keep(gradient.clone()) : undefined)
    }
  }

  countUpdate(): void {
    this.updates++
  }

  /** Remembers the weights as they are now. */
  takeWeights(): void {
    drop(this.before)
    for (const { variable } of this.watched()) this.before.set(variable.name, tf.keep(variable.clone()))
  }

  /** The output of the network in this step, if its last layer has been seen. */
  output(): tf.Tensor | undefined {
    const last = this.network.model?.outputLayers[0]
    return last && this.activations.get(last)
  }

  /** Adds everything that is due to the pack; the readings can be taken once it has been read. */
  measure(pack: Pack, look: Look): () => { variables: VariableReading[]; layers: LayerReading[] } {
    const variables = this.watched().map((watched) => this.measureVariable(pack, watched, look))
    if (look.updates) this.updates = 0
    const outputs = new Set<unknown>(this.network.model?.outputLayers)
    const layers = look.activations
      ? [...this.activations].map(([layer, tensor]) =>
          measureActivation(
            pack,
            {
              name: layer.name,
              network: this.name,
              kind: this.kindOf(layer),
              output: outputs.has(layer),
              tensor,
            },
            look.histograms,
          ),
        )
      : []
    return () => ({
      variables: variables.map((reading) => reading()),
      layers: layers.map((reading) => reading()),
    })
  }

  /** Keeps the gradients for one product with those of the next step, and forgets the rest. */
  endStep({ rememberGradients }: { rememberGradients: boolean }): void {
    drop(this.earlier)
    if (rememberGradients) {
      for (const [name, gradient] of this.gradients) if (gradient) this.earlier.set(name, gradient)
      this.gradients.clear()
    }
    drop(this.gradients)
    drop(this.activations)
    drop(this.before)
  }

  get hasEarlierGradients(): boolean {
    return this.earlier.size > 0
  }

  dispose(): void {
    this.endStep({ rememberGradients: false })
    this.found.clear()
  }

  private kindOf(layer: layers.Layer) {
    let kind = this.kinds.get(layer)
    if (kind === undefined) {
      kind = activationOf(layer)
      this.kinds.set(layer, kind)
    }
    return kind
  }

  private measureVariable(pack: Pack, watched: WatchedVariable, look: Look): () => VariableReading {
    const { variable, name, layer, role, trainable, output } = watched
    const { name: key, shape } = variable
    const [gradient, before, earlier] = [this.gradients.get(key), this.before.get(key), this.earlier.get(key)]
    const missing = this.gradients.has(key) && gradient === undefined
    const sample = look.histograms
    const gradientOf = look.gradients && gradient ? summarize(pack, gradient, { sample }) : undefined
    const weightOf = look.weights ? summarize(pack, before ?? variable, { sample }) : undefined
    // An optimizer that updates at some steps only is not to be mistaken for one that never does.
    const isIdle = look.updates && this.network.optimizer !== undefined && this.updates === 0
    const update = look.updates && before ? distance(pack, variable, before) : undefined
    const product =
      gradient && earlier ? pack.add(tf.matMul(asRow(gradient), asRow(earlier), false, true)) : undefined
    return () => ({
      name,
      network: this.name,
      layer,
      role,
      shape,
      trainable,
      output,
      ...(gradientOf ? { gradient: gradientOf() } : missing && look.gradients ? { gradient: 'missing' } : {}),
      ...(weightOf && { weight: weightOf() }),
      ...(update ? { updateNorm: update() } : isIdle ? { updateNorm: 0 } : {}),
      ...(product && { gradientProduct: product()[0]! }),
    })
  }
}

/** `‖a − b‖` */
function distance(pack: Pack, a: tf.Tensor, b: tf.Tensor): () => number {
  if (a.size > SMALL) {
    const squares = pack.add(squareSum(asRow(tf.sub(a, b))))
    return () => Math.sqrt(squares()[0]!)
  }
  const [left, right] = [pack.add(a), pack.add(b)]
  return () => {
    const other = right()
    return Math.sqrt(Array.from(left()).reduce((sum, value, index) => sum + (value - other[index]!) ** 2, 0))
  }
}

function drop(tensors: Map<unknown, tf.Tensor | undefined>): void {
  for (const tensor of tensors.values()) tensor?.dispose()
  tensors.clear()
}
