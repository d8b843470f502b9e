import '@tensorflow/tfjs-backend-cpu'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveFileUrls } from './file-urls.js'

serveFileUrls()
serveFileUrls()

let folder: string
let model: LayersModel
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'dlkit-file-urls-')), 'a model 100%')
  model = sequential({
    layers: [layers.dense({ units: 3, inputShape: [2], activation: 'relu' }), layers.dense({ units: 1 })],
  })
})
afterEach(() => {
  model.dispose()
  rmSync(join(folder, '..'), { recursive: true })
})

const input = () => tf.tensor2d([0.1, -0.5, 2, 0.25], [2, 2])
const output = (of: LayersModel) => [...(of.predict(input()) as tf.Tensor).dataSync()]
const url = () => pathToFileURL(folder).href

test('a model comes back from the folder it was saved in', async () => {
  const result = await model.save(url())
  expect(readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin'])
  expect(result.modelArtifactsInfo.weightDataBytes).toBe(13 * 4)
  const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))
  expect(json).toMatchObject({ format: 'layers-model', weightsManifest: [{ paths: ['weights.bin'] }] })
  for (const path of [url(), `${url()}/model.json`, `file://${relative(process.cwd(), folder)}`]) {
    const loaded = await loadLayersModel(path)
    expect(output(loaded)).toEqual(output(model))
    loaded.dispose()
  }
})

test('the state of the optimizer is saved where it is asked for', async () => {
  model.compile({ optimizer: tf.train.adam(0.1), loss: 'meanSquaredError' })
  await model.fit(input(), tf.ones([2, 1]), { epochs: 2, verbose: 0 })
  await model.save(url(), { includeOptimizer: true })
  const loaded = await loadLayersModel(url())
  for (const trained of [model, loaded]) {
    await trained.fit(input(), tf.ones([2, 1]), { epochs: 1, verbose: 0, shuffle: false })
  }
  const [found, expected] = [output(loaded), output(model)]
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 4)
  loaded.dispose()
})

test('a model is replaced as a whole: its weights are never under the old description', async () => {
  await model.save(url())
  const before = readFileSync(join(folder, 'weights.bin'))
  const other = sequential({ layers: [layers.dense({ units: 5, inputShape: [2] })] })
  // What a process that is killed between the two files leaves.
  writeFileSync(join(folder, 'weights-2.bin'), 'half')
  const still = await loadLayersModel(url())
  expect(output(still)).toEqual(output(model))
  await other.save(url())
  expect(readdirSync(folder).sort()).toEqual(['model.json', 'weights-2.bin'])
  const loaded = await loadLayersModel(url())
  expect(output(loaded)).toEqual(output(other))
  await model.save(url())
  expect(readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin'])
  expect(readFileSync(join(folder, 'weights.bin'))).toEqual(before)
  for (const done of [other, still, loaded]) done.dispose()
})

test('what cannot be loaded or saved is named', async () => {
  await expect(loadLayersModel(url())).rejects.toThrow(`${folder} does not exist`)
  await model.save(url())
  truncateSync(join(folder, 'weights.bin'), 20)
  await expect(loadLayersModel(url())).rejects.toThrow(/weights\.bin: expected 52 bytes of weights, got 20/)
  rmSync(join(folder, 'weights.bin'))
  await expect(loadLayersModel(url())).rejects.toThrow(/ENOENT.*weights\.bin/)
  writeFileSync(join(folder, 'model.json'), '{"modelTopology"')
  await expect(loadLayersModel(url())).rejects.toThrow(/model\.json is not a model saved by TensorFlow\.js/)
  writeFileSync(join(folder, 'file'), '')
  await expect(model.save(`${url()}/file`)).rejects.toThrow('is a file: a model is saved as a folder')
  await expect(model.save('file://')).rejects.toThrow('No path in "file://"')
})

test('makes way for another handler of such URLs', async () => {
  const saved: string[] = []
  tf.io.registerSaveRouter((path) =>
    path === 'file://elsewhere'
      ? { save: async () => ({ modelArtifactsInfo: saved.push('theirs') as never }) }
      : (null as never),
  )
  await model.save('file://elsewhere')
  expect(saved).toEqual(['theirs'])
})
