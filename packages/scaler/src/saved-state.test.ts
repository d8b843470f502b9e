import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { contentHash } from './content-hash.js'
import { ImageScaler } from './image-scaler.js'
import { MinMaxScaler } from './min-max-scaler.js'
import { PowerScaler } from './power-scaler.js'
import { QuantileScaler } from './quantile-scaler.js'
import { RobustScaler } from './robust-scaler.js'
import { scalerFromJSON } from './scaler-from-json.js'
import { StandardScaler } from './standard-scaler.js'

const train = tf.tensor([1, 10, 3, 30, 5, 20], [3, 1, 2])
const standard = (await new StandardScaler({ features: ['a', 'b'] }).fit(train)).toJSON()
const minMax = (await new MinMaxScaler({ range: [0, 1] }).fit(train)).toJSON()
const { hash: _, ...content } = standard

/** A state that was written by somebody who knows how: with a hash that fits. */
function forged(changes: object): object {
  const state = { ...content, ...changes }
  return { ...state, hash: contentHash(state) }
}
const withFeature = (changes: object) =>
  forged({ statistics: [{ ...content.statistics[0], ...changes }, content.statistics[1]] })

test('the state names its kind, version, settings, statistics and hash', () => {
  expect(standard).toEqual({
    kind: 'standard',
    version: 2,
    settings: { axis: 'channel' },
    features: ['a', 'b'],
    sketchSize: 1024,
    finished: true,
    statistics: [
      {
        rows: 3,
        missing: 0,
        weight: [3, 0],
        mean: [3, 0],
        squares: [8, 0],
        minimum: 1,
        maximum: 5,
        sketch: { grain: 0, low: [1, 3, 5] },
      },
      {
        rows: 3,
        missing: 0,
        weight: [3, 0],
        mean: [20, 0],
        squares: [200, 0],
        minimum: 10,
        maximum: 30,
        sketch: { grain: 0, low: [10, 20, 30] },
      },
    ],
    // Computed with Python: hashlib.sha256(json.dumps(state, sort_keys=True, separators=(',', ':')).encode())
    hash: 'sha256:25a7515e9bc830293ecfccd4d2ebeebfe65eb2b7668e38043392d6d39ab6f479',
  })
})

test('the hash is the SHA-256 of the content with its keys sorted', () => {
  expect(contentHash({ b: [1, 0.1, null], a: 'ä"', c: undefined })).toBe(
    'sha256:aa2fc49150043ec22d739e3e848c3644aedf42aae3bc19b643cb43635ffe225e',
  )
})

test('a store that sorts the keys does no harm', () => {
  const sorted = Object.fromEntries(Object.entries(standard).sort(([a], [b]) => (a < b ? -1 : 1)))
  expect(StandardScaler.fromJSON(sorted).mean).toEqual([3, 20])
})

test.each([
  new StandardScaler({ axis: 'all' }),
  new MinMaxScaler({ range: [0, 3], sketchSize: 0 }),
  new RobustScaler({ quantileRange: [0.1, 0.8] }),
  new PowerScaler({ standardize: false, axis: 'all' }),
  new QuantileScaler({ output: 'normal', numQuantiles: 3, axis: 'all' }),
  new ImageScaler({ output: 'standard', dataFormat: 'channelsFirst' }),
  new ImageScaler({ output: [0, 1], pixelRange: [0, 40] }),
])('scalerFromJSON picks the class by kind and keeps the settings: %s', async (scaler) => {
  const state = JSON.parse(JSON.stringify(await scaler.fit(tf.reshape(train, [1, 2, 3]))))
  const loaded = scalerFromJSON(state)
  expect(loaded.constructor).toBe(scaler.constructor)
  expect(loaded.toJSON()).toEqual(state)
})

test('a sketch of many values survives the round trip', async () => {
  const values = Array.from({ length: 5000 }, (_, index) => [Math.sin(index * 12.9898) * 43.758])
  const scaler = await new RobustScaler({ sketchSize: 64 }).fit(values)
  const text = JSON.stringify(scaler)
  expect(JSON.stringify(scalerFromJSON(JSON.parse(text)))).toBe(text)
  expect(text.length).toBeLessThan(5000)
})

test('a change to a saved state or to a returned list does not reach the scaler', () => {
  const state = structuredClone(standard)
  const scaler = StandardScaler.fromJSON(state)
  state.statistics[0]!.mean[0] = 99
  scaler.mean[0] = 99
  scaler.features![0] = 'z'
  scaler.toJSON().statistics[0]!.mean[0] = 99
  expect([scaler.mean, scaler.features]).toEqual([
    [3, 20],
    ['a', 'b'],
  ])
})

describe('a damaged or foreign state is refused', () => {
  const damaged = 'The state is damaged; fit again or restore it.'
  test.each([
    ['text', '{}', 'expected state to be an object, got string. Pass JSON.parse(text).'],
    ['null', null, 'expected state to be an object, got null. Pass what toJSON() returned.'],
    ['an array', [1], 'expected state to be an object, got an array. Pass what toJSON() returned.'],
    [
      'the other kind',
      minMax,
      'expected kind to be "standard", got "min-max". Use scalerFromJSON to pick the class.',
    ],
    [
      'another version',
      { ...standard, version: 3 },
      'expected version to be 2, got 3. It was written by another version of @dlkit/scaler; fit again.',
    ],
    [
      'no hash',
      content,
      `expected hash to be "${standard.hash}", got undefined. ` +
        'The state was changed or damaged after it was saved; fit again or restore it.',
    ],
    [
      'a bin too many',
      forged({ sketchSize: 2 }),
      `expected statistics[0].sketch.low to be no more than 2 numbers, got 3. ${damaged}`,
    ],
    [
      'a negative size',
      forged({ sketchSize: -1 }),
      `expected sketchSize to be a number from 0, got -1. ${damaged}`,
    ],
    ['a name too few', forged({ features: ['a'] }), `expected features to be 2 names, got ["a"]. ${damaged}`],
    [
      'names that are none',
      forged({ features: 'ab' }),
      `expected features to be a list of names, got "ab". ${damaged}`,
    ],
    ['no statistics', forged({ statistics: [] }), `expected statistics to be a list, got []. ${damaged}`],
    ['no flag', forged({ finished: 1 }), `expected finished to be true or false, got 1. ${damaged}`],
    [
      'half a mean',
      withFeature({ mean: [1] }),
      `expected statistics[0].mean to be 2 finite numbers, got [1]. ${damaged}`,
    ],
    [
      'a NaN',
      withFeature({ minimum: null }),
      `expected statistics[0].minimum to be a finite number, got null. ${damaged}`,
    ],
    [
      'a negative variance',
      withFeature({ squares: [-1, 0] }),
      `expected statistics[0].squares to be no less than 0, got [-1,0]. ${damaged}`,
    ],
    [
      'no weight',
      withFeature({ weight: [0, 0] }),
      `expected statistics[0].weight to be more than 0, got [0,0]. ${damaged}`,
    ],
    [
      'crossed limits',
      withFeature({ maximum: 0 }),
      `expected statistics[0].maximum to be no less than the minimum 1, got 0. ${damaged}`,
    ],
    [
      'no sketch',
      withFeature({ sketch: undefined }),
      'expected statistics[0].sketch to be an object, got undefined. Pass what toJSON() returned.',
    ],
    [
      'a huge grain',
      withFeature({ sketch: { grain: 99, low: [1] } }),
      `expected statistics[0].sketch.grain to be no more than 63, got 99. ${damaged}`,
    ],
  ])('%s', (_, state, message) => {
    const whole = `StandardScaler.fromJSON: ${message}`
    expect(() => StandardScaler.fromJSON(state)).toThrow(expect.objectContaining({ message: whole }))
  })

  test('a number that was changed', () => {
    const state = structuredClone(standard)
    state.statistics[1]!.mean[0] += 1e-12
    expect(() => StandardScaler.fromJSON(state)).toThrow(
      /^StandardScaler.fromJSON: expected hash to be "sha256:[0-9a-f]{64}", got "sha256:[0-9a-f]{64}". The state was changed/,
    )
  })

  test('settings that the class refuses', () => {
    expect(() => StandardScaler.fromJSON(forged({ settings: { axis: 'rows' } }))).toThrow(
      "StandardScaler: expected axis to be 'channel' or 'all', got \"rows\".",
    )
  })

  test.each([
    [undefined, 'got no kind (undefined). Pass what toJSON() of a scaler returned.'],
    ['{"kind":"standard"}', 'got no kind (string). Pass JSON.parse(text).'],
    [{ kind: 'toString' }, 'got "toString". Pass what toJSON() of a scaler returned.'],
    [null, 'got undefined. Pass what toJSON() of a scaler returned.'],
  ])('scalerFromJSON: %j', (state, message) => {
    expect(() => scalerFromJSON(state)).toThrow(
      `scalerFromJSON: expected kind to be one of standard, min-max, robust, image, quantile, power, ${message}`,
    )
  })
})
