import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { bitsOf, classifier, temporaryFolder } from '../../tests/small-training.js'
import {
  loadModelTensors,
  modelTensors,
  readWeights,
  saveModel,
  saveWeights,
  transferWeights,
} from '../index.js'

/** An encoder and a head, with weights that depend on the seed. */
function network(seed: number, { classes = 3, encoder = 'encoder' } = {}): tfl.LayersModel {
  const kernel = (more: number) => ({
    kernelInitializer: tfl.initializers.glorotNormal({ seed: seed + more }),
  })
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        filters: 4,
        kernelSize: [1, 2],
        inputShape: [5, 6, 2],
        name: encoder,
        ...kernel(0),
      }),
      tfl.layers.batchNormalization({ name: 'norm' }),
      tfl.layers.globalAveragePooling2d({ name: 'pool' }),
      tfl.layers.dense({ units: classes, name: 'head', ...kernel(1) }),
    ],
  })
}

/** tfjs-node serves `file://` itself, and wants the file. */
const readsFolders = () => tf.getBackend() !== 'tensorflow'

describe('saveWeights', () => {
  test('and readWeights keep all bits, and leave no tensor', async () => {
    const file = join(temporaryFolder(), 'model.safetensors')
    const [model, other] = [network(1), network(2)]
    const before = tf.memory().numTensors
    await saveWeights(file, model)
    const weights = await readWeights(file)
    loadModelTensors(other, weights)
    tf.dispose(weights)
    expect(bitsOf(other)).toEqual(bitsOf(model))
    expect(tf.memory().numTensors).toBe(before)
  })

  test('of 16 bits are read as float32, rounded', async () => {
    const file = join(temporaryFolder(), 'model.safetensors')
    const model = network(1)
    for (const [precision, error] of [
      ['float16', 2 ** -11],
      ['bfloat16', 2 ** -8],
    ] as const) {
      await saveWeights(file, model, { precision })
      const weights = await readWeights(file)
      for (const [name, tensor] of Object.entries(modelTensors(model))) {
        const exact = tensor.dataSync()
        expect(weights[name]).toMatchObject({ dtype: 'float32', shape: tensor.shape })
        expectClose(weights[name]!.dataSync(), exact, { relative: error, absolute: 2 ** -25 })
      }
      expect(weights['head/kernel']!.dataSync()).not.toEqual(modelTensors(model)['head/kernel']!.dataSync())
      tf.dispose(weights)
    }
  })

  test('says what it writes, and readWeights what it reads', async () => {
    await expect(saveWeights('weights.bin', network(1))).rejects.toThrow('ends with .safetensors')
    await expect(readWeights('/nowhere/model.json')).rejects.toThrow('Name one that exists.')
    const text = { s: tf.tensor(['a']) }
    await expect(saveWeights('/tmp/a.safetensors', text)).rejects.toThrow('got string ("s")')
  })
})

describe('saveModel', () => {
  test.each([
    ['one group', {}],
    ['shards of 40 bytes', { shardBytes: 40 }],
    ['a group for each layer, in shards', { shardBytes: 40, groupByLayer: true }],
  ])('writes what tf.loadLayersModel reads: %s', async (_, args) => {
    const folder = temporaryFolder()
    const model = network(1)
    await saveModel(folder, model, args)
    for (const path of [`file://${folder}/model.json`, ...(readsFolders() ? [`file://${folder}`] : [])]) {
      const loaded = await tfl.loadLayersModel(path)
      const x = tf.ones([2, 5, 6, 2])
      expect([...(loaded.predict(x) as tf.Tensor).dataSync()]).toEqual([
        ...(model.predict(x) as tf.Tensor).dataSync(),
      ])
    }
    const weights = await readWeights(join(folder, 'model.json'))
    const read = Object.entries(weights).map(([name, tensor]) => [name, Array.from(tensor.dataSync())])
    expect(read.sort()).toEqual(bitsOf(model).sort())
    const { weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))
    const sizes = readdirSync(folder)
      .filter((name) => name.endsWith('.bin'))
      .map((name) => readFileSync(join(folder, name)).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual('shardBytes' in args ? 40 : 4 * 2 ** 20)
    expect(weightsManifest).toHaveLength('groupByLayer' in args ? 3 : 1)
  })

  test('a group of a layer can be fetched alone', async () => {
    const folder = temporaryFolder()
    await saveModel(folder, network(1), { groupByLayer: true })
    const { weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))
    const fetched: string[] = []
    const load = tf.io.weightsLoaderFactory(async (urls) =>
      urls.map((url) => {
        fetched.push(url)
        const { buffer, byteOffset, byteLength } = readFileSync(url)
        return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
      }),
    )
    const weights = await load(weightsManifest, folder, ['head/kernel', 'head/bias'])
    expect(Object.keys(weights)).toEqual(['head/kernel', 'head/bias'])
    expect(fetched).toHaveLength(1)
  })

  test('replaces a model as a whole and removes its old weights alone', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'more'))
    writeFileSync(join(folder, 'own.bin'), '')
    await saveModel(folder, network(1), { shardBytes: 64 })
    await saveModel(folder, network(2))
    expect(readdirSync(folder).filter((name) => name.endsWith('.bin'))).toHaveLength(2)
    const loaded = await tfl.loadLayersModel(`file://${folder}/model.json`)
    expect(bitsOf(loaded)).toEqual(bitsOf(network(2)))
  })
})

describe('transferWeights', () => {
  test('loads what fits and says what became of each weight', async () => {
    const [from, to] = [network(1), network(2, { classes: 7 })]
    const before = new Map(bitsOf(to))
    const tensors = tf.memory().numTensors
    const report = transferWeights(to, modelTensors(from), { exclude: ['norm'] })
    expect(tf.memory().numTensors).toBe(tensors)
    expect(report.matched).toEqual(['encoder/kernel', 'encoder/bias'])
    expect(report.skipped).toEqual(['norm/gamma', 'norm/beta', 'norm/moving_mean', 'norm/moving_variance'])
    expect(report.mismatched).toEqual([
      { name: 'head/kernel', expected: 'float32 [4,7]', got: 'float32 [4,3]' },
      { name: 'head/bias', expected: 'float32 [7]', got: 'float32 [3]' },
    ])
    expect(report.unused).toEqual(report.skipped)
    expect(report.text.split('\n')[1]).toBe(
      'mismatched 2: head/kernel is float32 [4,7], got float32 [4,3], head/bias is float32 [7], got float32 [3]',
    )
    const [now, source] = [new Map(bitsOf(to)), new Map(bitsOf(from))]
    expect(now.get('encoder/kernel')).toEqual(source.get('encoder/kernel'))
    expect(now.get('head/kernel')).toEqual(before.get('head/kernel'))
  })

  test('renames, reshapes by axes of length 1, adapts, and includes by pattern', () => {
    const to = network(2)
    const kernel = tf.randomNormal([2, 2, 4], 0, 1, 'float32', 1)
    const head = tf.randomNormal([3, 4], 0, 1, 'float32', 2)
    const weights = { 'backbone.kernel': kernel, 'backbone.head': head, extra: kernel }
    const report = transferWeights(to, weights, {
      include: [/kernel$/],
      rename: (name) => (name === 'head/kernel' ? 'backbone.head' : name.replace('encoder/', 'backbone.')),
      adapt: (tensor, { shape }) =>
        tensor.rank === 2 && tensor.shape[0] === shape[1] ? tf.transpose(tensor) : tensor,
    })
    expect(report.reshaped).toEqual([
      { name: 'encoder/kernel', from: [2, 2, 4], to: [1, 2, 2, 4] },
      { name: 'head/kernel', from: [3, 4], to: [4, 3] },
    ])
    expect(report.unused).toEqual(['extra'])
    expect(report.missing).toEqual([])
    expect([...modelTensors(to)['encoder/kernel']!.dataSync()]).toEqual([...kernel.dataSync()])
    expect([...modelTensors(to)['head/kernel']!.dataSync()]).toEqual([...tf.transpose(head).dataSync()])
  })

  test('refuses to load nothing', () => {
    const [from, to] = [network(1, { encoder: 'other' }), classifier()]
    expect(() => transferWeights(to, modelTensors(from), { include: ['first'] })).toThrow(
      /^transferWeights: expected weights of the model \(first\/kernel, .* got none that fit \(other\/kernel/,
    )
  })
})
