import type { LayersModel, layers } from '@tensorflow/tfjs-layers'
import { RandomLayer } from './random-layer.js'

/** Call counters by layer name; plain JSON, for a checkpoint. */
export type DropoutCalls = Record<string, number>

/** Reads the call counters of all dropout and other {@link RandomLayer} layers of a model, also nested ones. */
export function dropoutCalls(model: LayersModel): DropoutCalls {
  return Object.fromEntries(randomLayers(model).map(([path, layer]) => [path, layer.calls]))
}

/**
 * Sets the call counters that {@link dropoutCalls} has read, so that training continues with the same masks.
 *
 * @throws Error when the names are not exactly those of the model's random layers; then nothing is changed.
 */
export function setDropoutCalls(model: LayersModel, calls: DropoutCalls): void {
  const found = randomLayers(model)
  const [expected, given] = [found.map(([path]) => path).sort(), Object.keys(calls).sort()]
  if (expected.join('\n') !== given.join('\n')) {
    throw new Error(
      `setDropoutCalls: expected counters for [${expected.join(', ')}], got [${given.join(', ')}] ` +
        `(model ${model.name}). Build the model as it was when the counters were read.`,
    )
  }
  for (const [path, layer] of found) layer.calls = calls[path]!
}

/** Looks into nested models and into wrappers such as tf.layers.timeDistributed. */
function randomLayers(container: layers.Layer, prefix = ''): [path: string, layer: RandomLayer][] {
  const { layers: list, layer: wrapped } = container as { layers?: layers.Layer[]; layer?: layers.Layer }
  const inner = list ?? (wrapped ? [wrapped] : [])
  return inner.flatMap((layer) => {
    const path = `${prefix}${layer.name}`
    return layer instanceof RandomLayer ? [[path, layer]] : randomLayers(layer, `${path}/`)
  })
}
