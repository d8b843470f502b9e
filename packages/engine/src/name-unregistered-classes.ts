import * as tf from '@tensorflow/tfjs-core'

/** Which call makes a class known, by its name in saved models. The rest are layers of @dlkit/layers. */
const calls: [classes: RegExp, call: string][] = [
  [/^DlkitScaler/, 'registerScalerLayer() of @dlkit/scaler'],
  [
    /Dropout|DropPath|DropBlock|Regularization$|GroupLasso|Orthogonal/,
    'registerRegularizers() of @dlkit/regularizers',
  ],
  [/^Dlkit/, 'registerLayers() of @dlkit/layers'],
]

const isOurs = (key: string | symbol): key is string => typeof key === 'string' && key.startsWith('Dlkit')

/**
 * Makes loading a model with a class of dlkit that is not registered say which call registers it; tfjs itself says that
 * it may be defined in Python. Calling it again does nothing.
 *
 * tfjs looks classes up by name in one object. What is not in it is looked for in its prototype, which is empty else.
 */
export function nameUnregisteredClasses(): void {
  const { classNameMap } = tf.serialization.SerializationMap.getMap()
  if (Object.getPrototypeOf(classNameMap) !== Object.prototype) return
  const prototype = new Proxy(Object.prototype, {
    has: (target, key) => isOurs(key) || Reflect.has(target, key),
    get(target, key, receiver) {
      if (!isOurs(key)) return Reflect.get(target, key, receiver)
      const [, call] = calls.find(([classes]) => classes.test(key)) as [RegExp, string]
      throw new Error(`Unknown class ${key} in a saved model. Call ${call} before loading it.`)
    },
  })
  Object.setPrototypeOf(classNameMap, prototype)
}
