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

/** The resolved {@link KernelArgs} of one layer. */
export class KernelOptions {
  readonly regularizer: Regularizer | undefined
  readonly #initializer: Initializer

  constructor({ kernelInitializer = 'glorotUniform', kernelRegularizer }: KernelArgs) {
    this.#initializer = resolve<Initializer>('kernelInitializer', kernelInitializer)
    this.regularizer = kernelRegularizer
      ? resolve<Regularizer>('kernelRegularizer', kernelRegularizer)
      : undefined
  }

  /** The initializer of the layer's n-th kernel. With one seed for all, kernels of equal shape would be equal. */
  initializer(position: number): Initializer {
    const config = this.#initializer.getConfig()
    if (typeof config.seed !== 'number') return this.#initializer
    return fromConfig<Initializer>('kernelInitializer', {
      className: this.#initializer.getClassName(),
      config: { ...config, seed: config.seed + position },
    })
  }

  getConfig(): ConfigDict {
    return {
      kernelInitializer: toConfig(this.#initializer),
      kernelRegularizer: this.regularizer ? toConfig(this.regularizer) : null,
    }
  }
}

function toConfig(object: Initializer | Regularizer): ConfigDict {
  return { className: object.getClassName(), config: object.getConfig() }
}

function resolve<T extends Initializer | Regularizer>(option: string, given: T | string | ConfigDict): T {
  if (typeof given === 'string') {
    return fromConfig(option, { className: given.charAt(0).toUpperCase() + given.slice(1), config: {} })
  }
  return 'getClassName' in given ? (given as T) : fromConfig(option, given)
}

function fromConfig<T extends tf.serialization.Serializable>(option: string, saved: ConfigDict): T {
  const { classNameMap } = tf.serialization.SerializationMap.getMap()
  const entry = classNameMap[String(saved.className)]
  if (!entry) {
    throw new Error(
      `${option}: expected a tfjs object or the name of a registered class, got ${JSON.stringify(saved.className)}. ` +
        'Use for example "glorotUniform", or tf.regularizers.l2({ l2: 1e-4 }).',
    )
  }
  const [registered, make] = entry
  return make(registered, { ...(saved.config as ConfigDict) }) as T
}
