import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readRegularFile, replaceFile } from '@dlkit/corrections/files'
import { type ModelWeights, modelTensors } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { hashOf } from '../checkpoint-files.js'
import type { Tensors } from '../parts/part.js'
import { decodeSafetensors, type EncodeArgs, encodeSafetensors, type StoredTensor } from '../safetensors.js'
import { toTensors } from '../to-tensors.js'
import { weightGroups } from './weight-groups.js'

const MODEL = 'model.json'
const MEBIBYTE = 2 ** 20

/**
 * Writes the weights of a model, or tensors by name, as a file for `readWeights` and for Python's `safetensors`, at once or
 * not at all. float32, with fewer bits if wanted, int32 and bool.
 *
 * @throws {RangeError} when the name does not end with .safetensors.
 * @throws {TypeError} for other types than float32, int32 and bool.
 */
export async function saveWeights(
  path: string,
  source: ModelWeights | Tensors,
  args: EncodeArgs = {},
): Promise<void> {
  if (!path.endsWith('.safetensors')) {
    throw new RangeError(`saveWeights: expected a file name that ends with .safetensors, got ${path}.`)
  }
  const tensors = isModel(source) ? modelTensors(source) : source
  const stored: Record<string, StoredTensor> = {}
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!['float32', 'int32', 'bool'].includes(tensor.dtype)) {
      throw new TypeError(
        `saveWeights: expected float32, int32 or bool tensors, got ${tensor.dtype} ("${name}").`,
      )
    }
    stored[name] = { dtype: tensor.dtype, shape: tensor.shape, values: await tensor.data() } as StoredTensor
  }
  replaceFile(path, encodeSafetensors(stored, args))
}

/** Options of `saveModel`. */
export interface SaveModelArgs {
  /** Largest size of a file of weights. Default: 4 MiB, which browsers keep in their caches. */
  shardBytes?: number
  /** A group of weights for each layer, so that `tf.io.loadWeights` can fetch some of them. Default: one group. */
  groupByLayer?: boolean
}

/**
 * Writes a model in TensorFlow.js' own format: `model.json` and its weights in shards, for `tf.loadLayersModel` of a
 * URL in browsers, or of `file://folder/model.json` in Node (with or without tfjs-node).
 *
 * A model in the same folder is replaced as a whole: new weights have new names until `model.json` names them.
 *
 * @throws {RangeError} when shardBytes is no whole number from 1.
 */
export async function saveModel(
  folder: string,
  model: LayersModel,
  { shardBytes = 4 * MEBIBYTE, groupByLayer = false }: SaveModelArgs = {},
): Promise<void> {
  if (!Number.isSafeInteger(shardBytes) || shardBytes < 1) {
    throw new RangeError(`saveModel: expected shardBytes to be a whole number from 1, got ${shardBytes}.`)
  }
  let artifacts: tf.io.ModelArtifacts | undefined
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(given) }
    }),
  )
  const { weightSpecs = [], weightData = new ArrayBuffer(0), ...rest } = artifacts!
  mkdirSync(folder, { recursive: true })
  const replaced = weightFiles(join(folder, MODEL))
  const data = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData))
  const groups = weightGroups(weightSpecs, data, groupByLayer)
  const weightsManifest = groups.map(({ specs, bytes }, group) => {
    const shards = Math.max(1, Math.ceil(bytes.byteLength / shardBytes))
    const paths = Array.from({ length: shards }, (_, shard) => {
      const part = bytes.subarray(shard * shardBytes, (shard + 1) * shardBytes)
      const name = `group${group + 1}-shard${shard + 1}of${shards}-${hashOf(part).slice(0, 8)}.bin`
      replaceFile(join(folder, name), part)
      return name
    })
    return { paths, weights: specs }
  })
  replaceFile(join(folder, MODEL), JSON.stringify({ ...rest, weightsManifest }))
  const present = new Set(weightsManifest.flatMap(({ paths }) => paths))
  for (const name of replaced) if (!present.has(name)) rmSync(join(folder, name), { force: true })
}

/**
 * Weights by name from a `.safetensors` file or from a model in TensorFlow.js' format: its folder or its `model.json`. New
 * tensors, which belong to the caller: for `transferWeights`, or `loadModelTensors` for the same model.
 *
 * @throws {RangeError} when there is no file of weights, or it is empty.
 */
export async function readWeights(path: string): Promise<Record<string, tf.Tensor>> {
  if (path.endsWith('.safetensors')) return toTensors(decodeSafetensors(readRegularFile(path)))
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, MODEL) : path
  if (!file.endsWith('.json') || !existsSync(file)) {
    throw new RangeError(
      `readWeights: expected a .safetensors file, or a model.json or its folder, got ${path}. Name one that exists.`,
    )
  }
  const [handler] = tf.io.getLoadHandlers(`file://${file}`)
  const { weightData, weightSpecs } = await handler!.load!()
  if (!weightData || !weightSpecs) throw new RangeError(`readWeights: expected weights, got none (${file}).`)
  return tf.io.decodeWeights(weightData, weightSpecs)
}

function isModel(source: ModelWeights | Tensors): source is ModelWeights {
  return Array.isArray((source as ModelWeights).trainableWeights)
}

/** Names of shards that this package has written for the model in a file; none where there is no readable one. */
function weightFiles(file: string): string[] {
  try {
    const { weightsManifest } = JSON.parse(readFileSync(file, 'utf8')) as tf.io.ModelJSON
    return weightsManifest
      .flatMap(({ paths }) => paths)
      .filter((name) => /^group\d+-shard\d+of\d+-[0-9a-f]{8}\.bin$/.test(name))
  } catch {
    return []
  }
}
