import * as tf from '@tensorflow/tfjs-core'
import type * as tfl from '@tensorflow/tfjs-layers'

type ConfigDict = tf.serialization.ConfigDict

/** What tf.initializers make; tfjs-layers does not export the name. */
export type Initializer = ReturnType<typeof tfl.initializers.zeros>
/** What tf.regularizers make; tfjs-layers does not export the name. */
export type Regularizer = ReturnType<typeof tfl.regularizers.l1l2>

/** Options for all kernels of a layer; the objects may also be their saved form. */
export interface KernelArgs {
  /** An initializer or its name, such as `'heNormal'`; `'glorotUniform'` by default. A seed is counted up per kernel. */
  kernelInitializer?: Initializer | string | ConfigDict
  /** A regularizer such as `tf.regularizers.l2({ l2: 1e-4 })`; none by default. */
  kernelRegularizer?: Regularizer | ConfigDict | null
}

/** Options for all biases of a layer; the objects may also be their saved form. */
export interface BiasArgs {
  /** An initializer or its name; `'zeros'` by default. */
  biasInitializer?: Initializer | string | ConfigDict
  /** A regularizer; none by default. */
  biasRegularizer?: Regularizer | ConfigDict | null
}

/** The resolved initializer and regularizer of one kind of weight of a layer. */
class WeightOptions {
  readonly regularizer: Regularizer | undefined
  readonly #kind: 'kernel' | 'bias'
  readonly #initializer: Initializer

  constructor(
    kind: 'kernel' | 'bias',
    initializer: Initializer | string | ConfigDict,
    regularizer: Regularizer | ConfigDict | null | undefined,
  ) {
    this.#kind = kind
    this.#initializer = resolve<Initializer>(`${kind}Initializer`, initializer)
    this.regularizer = regularizer ? resolve<Regularizer>(`${kind}Regularizer`, regularizer) : undefined
  }

  /** The initializer of the layer's n-th weight. With one seed for all, weights of equal shape would be equal. */
  initializer(position: number): Initializer {
    const config = this.#initializer.getConfig()
    if (typeof config.seed !== 'number') return this.#initializer
    return fromConfig<Initializer>(`${this.#kind}Initializer`, {
      className: this.#initializer.getClassName(),
      config: { ...config, seed: config.seed + position },
    })
  }

  getConfig(): ConfigDict {
    return {
      [`${this.#kind}Initializer`]: toConfig(this.#initializer),
      [`${this.#kind}Regularizer`]: this.regularizer ? toConfig(this.regularizer) : null,
    }
  }
}

export type { WeightOptions }

export function kernelOptions({
  kernelInitializer = 'glorotUniform',
  kernelRegularizer,
}: KernelArgs): WeightOptions {
  return new WeightOptions('kernel', kernelInitializer, kernelRegularizer)
}

export function biasOptions({ biasInitializer = 'zeros', biasRegularizer }: BiasArgs): WeightOptions {
  return new WeightOptions('bias', biasInitializer, biasRegularizer)
}

/** The saved form of an object of a registered class. */
export function toConfig(object: tf.serialization.Serializable): ConfigDict {
  return { className: object.getClassName(), config: object.getConfig() }
}

/** An object of a registered class from its saved form. */
export function fromConfig<T extends tf.serialization.Serializable>(option: string, saved: ConfigDict): T {
  const { classNameMap } = tf.serialization.SerializationMap.getMap()
  const entry = classNameMap[String(saved.className)]
  if (!entry) {
    throw new Error(
      `${option}: expected a tfjs object or the name of a registered class, got ${JSON.stringify(saved.className)}. ` +
        (String(saved.className).startsWith('Dlkit')
          ? 'Call registerLayers() of @dlkit/layers and registerRegularizers() of @dlkit/regularizers before loading.'
          : 'Use for example "glorotUniform", or tf.regularizers.l2({ l2: 1e-4 }).'),
    )
  }
  const [registered, make] = entry
  return make(registered, { ...(saved.config as ConfigDict) }) as T
}

function resolve<T extends Initializer | Regularizer>(option: string, given: T | string | ConfigDict): T {
  if (typeof given === 'string') {
    return fromConfig(option, { className: given.charAt(0).toUpperCase() + given.slice(1), config: {} })
  }
  return 'getClassName' in given ? (given as T) : fromConfig(option, given)
}
