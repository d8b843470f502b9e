import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { io, util } from '@tensorflow/tfjs-core'
import { replaceFile } from './files.js'

const modelFile = 'model.json'
const ownWeights = /^weights(-\d+)?\.bin$/

/**
 * Writes `model.json` and `weights.bin` (`weights-2.bin` where the model that is replaced has that name) into `folder`.
 *
 * @throws {Error} when the model has no topology in JSON, or the folder cannot be made or written.
 */
export async function saveModelFiles(folder: string, model: io.ModelArtifacts): Promise<io.SaveResult> {
  const { weightData, weightSpecs, ...rest } = model
  if (rest.modelTopology instanceof ArrayBuffer) {
    throw new Error(`${folder}: expected the model's topology as JSON, got binary. Save it as tfjs saves it.`)
  }
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new Error(`${folder} is a file: a model is saved as a folder. Name another path behind file://.`)
  }
  mkdirSync(folder, { recursive: true })
  const path = join(folder, modelFile)
  const replaced = weightPaths(path)
  const weights = unusedName(replaced)
  const hasWeights = weightData !== undefined && weightSpecs !== undefined
  if (hasWeights) replaceFile(join(folder, weights), new Uint8Array(io.CompositeArrayBuffer.join(weightData)))
  const weightsManifest = hasWeights ? [{ paths: [weights], weights: weightSpecs }] : []
  const json = { ...rest, weightsManifest } as unknown as io.ModelJSON
  replaceFile(path, JSON.stringify(json))
  for (const name of replaced) if (ownWeights.test(name)) rmSync(join(folder, name), { force: true })
  return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(model) }
}

/** @throws {Error} that names the file when one is missing, damaged or too short. */
export async function loadModelFiles(path: string): Promise<io.ModelArtifacts> {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, modelFile) : path
  if (!existsSync(file))
    throw new Error(`${file} does not exist. Name the folder or the model.json of a saved model.`)
  const json = parsed(file)
  return io.getModelArtifactsForJSON(json, (manifest) => readWeights(dirname(file), manifest))
}

function parsed(file: string): io.ModelJSON {
  const text = readFileSync(file, 'utf8')
  try {
    const json = JSON.parse(text) as io.ModelJSON | null
    if (json?.modelTopology === undefined) throw new Error('it has no modelTopology')
    return json
  } catch (error) {
    throw new Error(`${file} is not a model saved by TensorFlow.js: ${(error as Error).message}.`)
  }
}

async function readWeights(
  folder: string,
  manifest: io.WeightsManifestConfig,
): Promise<[io.WeightsManifestEntry[], io.WeightData]> {
  const specs: io.WeightsManifestEntry[] = []
  const buffers: ArrayBuffer[] = []
  for (const { paths, weights } of manifest) {
    const files = paths.map((name) => join(folder, name))
    const group = await Promise.all(files.map(readBuffer))
    const found = group.reduce((sum, { byteLength }) => sum + byteLength, 0)
    const needed = bytesOf(weights)
    if (needed !== undefined && found !== needed) {
      throw new Error(
        `${files.join(', ')}: expected ${needed} bytes of weights, got ${found}. Copy the whole model again.`,
      )
    }
    specs.push(...weights)
    buffers.push(...group)
  }
  return [specs, buffers]
}

/** `readFile` ends at 2 GiB. */
async function readBuffer(path: string): Promise<ArrayBuffer> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(size)
    let position = 0
    while (position < size) {
      const { bytesRead } = await file.read(bytes, position, Math.min(size - position, 2 ** 30), position)
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read.`)
      position += bytesRead
    }
    return bytes.buffer
  } finally {
    await file.close()
  }
}

const bytes = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  float16: 2,
  uint16: 2,
  uint8: 1,
  string: Number.NaN,
}

/** Undefined where strings are among them, whose length is not known. */
function bytesOf(weights: io.WeightsManifestEntry[]): number | undefined {
  if (weights.some(({ dtype }) => dtype === 'string')) return undefined
  return weights.reduce(
    (sum, { shape, dtype, quantization }) =>
      sum + util.sizeFromShape(shape) * bytes[quantization?.dtype ?? dtype],
    0,
  )
}

/** Names of the weight files of the model in `path`; none where there is no readable one. */
function weightPaths(path: string): string[] {
  try {
    const { weightsManifest } = JSON.parse(readFileSync(path, 'utf8')) as io.ModelJSON
    return weightsManifest.flatMap(({ paths }) => paths)
  } catch {
    return []
  }
}

function unusedName(used: string[]): string {
  let name = 'weights.bin'
  for (let i = 2; used.includes(name); i++) name = `weights-${i}.bin`
  return name
}
