import type { io } from '@tensorflow/tfjs-core'

export interface WeightGroup {
  specs: io.WeightsManifestEntry[]
  bytes: Uint8Array
}

const BYTES: Partial<Record<string, number>> = { float32: 4, int32: 4, bool: 1, complex64: 8 }

/** The weights of a saved model as one group, or those of each layer as a group. */
export function weightGroups(
  specs: readonly io.WeightsManifestEntry[],
  data: Uint8Array,
  byLayer: boolean,
): WeightGroup[] {
  if (!byLayer) return specs.length > 0 ? [{ specs: [...specs], bytes: data }] : []
  const layers = new Map<string, { specs: io.WeightsManifestEntry[]; parts: Uint8Array[] }>()
  let position = 0
  for (const spec of specs) {
    const layer = spec.name.split('/').slice(0, -1).join('/')
    const group = layers.get(layer) ?? { specs: [], parts: [] }
    layers.set(layer, group)
    group.specs.push(spec)
    const end = position + sizeOf(spec)
    group.parts.push(data.subarray(position, end))
    position = end
  }
  return [...layers.values()].map(({ specs, parts }) => ({ specs, bytes: Buffer.concat(parts) }))
}

function sizeOf({ name, dtype, shape }: io.WeightsManifestEntry): number {
  const bytes = BYTES[dtype]
  if (bytes === undefined) {
    throw new TypeError(
      `saveModel: expected float32, int32 or bool weights by layer, got ${dtype} ("${name}").`,
    )
  }
  return shape.reduce((product, length) => product * length, bytes)
}
