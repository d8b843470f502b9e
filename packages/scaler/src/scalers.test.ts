import { expectClose, expectGradientsMatch, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { MinMaxScaler } from './min-max-scaler.js'
import { RobustScaler } from './robust-scaler.js'
import { scalerFromJSON } from './scaler-from-json.js'
import { ScalerLayer } from './scaler-layer.js'
import { StandardScaler } from './standard-scaler.js'

const train = tf.tensor([1, 10, 3, 30, 5, 20], [3, 1, 2])

describe.each([
  ['StandardScaler', StandardScaler],
  ['MinMaxScaler', MinMaxScaler],
  ['RobustScaler', RobustScaler],
])('%s', (name, Scaler) => {
  const refit = (method: string) =>
    `${name}: expected one fit(), got another ${method}() (statistics come from the training data once). ` +
    'Use the fitted scaler for validation and test data, make a new one for new training data, or say refit: true.'

  test('refuses a second fit, also while the first one runs', async () => {
    const scaler = new Scaler()
    const first = scaler.fit(train)
    await expect(scaler.fit(train)).rejects.toThrow(refit('fit'))
    await first
    await expect(scaler.fit(train)).rejects.toThrow(refit('fit'))
    await expect(scaler.partialFit(train)).rejects.toThrow(refit('partialFit'))
    const loaded = scalerFromJSON(scaler.toJSON())
    await expect(loaded.fit(train)).rejects.toThrow(refit('fit'))
    await expect(loaded.partialFit(train)).rejects.toThrow(refit('partialFit'))
  })

  test('refit: true starts over, also with other names and another width', async () => {
    const scaler = await new Scaler().fit([{ age: 3 }, { age: 5 }])
    await scaler.fit([[1, 2, 3]], { refit: true })
    expect([scaler.mean, scaler.features]).toEqual([[1, 2, 3], undefined])
  })

  test('partialFit adds up to the first use, and on with refit: true', async () => {
    const scaler = await new Scaler().partialFit([[1], [2]])
    await scaler.partialFit([[6]])
    expect([scaler.mean, scaler.rows]).toEqual([[3], [3]])
    scaler.transform([[1]])
    await expect(scaler.partialFit([[9]])).rejects.toThrow(refit('partialFit'))
    const before = scaler.transform([[2]])
    await scaler.partialFit([[7]], { refit: true })
    expect(scaler.mean).toEqual([4])
    expect(scaler.transform([[2]])).not.toEqual(before)
  })

  test.each<[string, (scaler: InstanceType<typeof Scaler>) => unknown]>([
    ['compare() with live data', (scaler) => scaler.compare([[3]])],
    ['compare() that is still running', (scaler) => void scaler.compare([[3]])],
    ['inverseTransform()', (scaler) => scaler.inverseTransform([[3]])],
    ['a layer', (scaler) => new ScalerLayer({ scaler })],
    ['finish()', (scaler) => scaler.finish()],
  ])('partialFit ends with %s: what is seen before and after must not part', async (_, use) => {
    const scaler = await new Scaler().partialFit([[1], [2]])
    await use(scaler)
    await expect(scaler.partialFit([[9]])).rejects.toThrow(refit('partialFit'))
    expect(scaler.rows).toEqual([2])
  })

  test('a partial fit is refused if the scaler was used while it ran', async () => {
    const scaler = await new Scaler().partialFit([[1], [2]])
    const running = scaler.partialFit([[9]])
    scaler.transform([[1]])
    await expect(running).rejects.toThrow(refit('partialFit'))
    expect(scaler.rows).toEqual([2])
  })

  test('a scaler of live data goes on after a comparison, whose training scaler does not', async () => {
    const [train, live] = [new Scaler(), new Scaler()]
    await train.partialFit([[1], [2]])
    await live.partialFit([[1]])
    await train.compare(live)
    await live.partialFit([[4]])
    expect((await train.compare(live)).features[0]!.rows.live).toBe(2)
    await expect(train.partialFit([[9]])).rejects.toThrow(refit('partialFit'))
  })

  test('a partial fit that was saved is continued as if it had not been', async () => {
    const scaler = await new Scaler().partialFit([[1.1], [2.2]])
    const loaded = scalerFromJSON(JSON.parse(JSON.stringify(scaler)))
    await loaded.partialFit([[6.3]])
    await scaler.partialFit([[6.3]])
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(scaler))
  })

  test('refuses two partial fits at the same time', async () => {
    const scaler = new Scaler()
    const first = scaler.partialFit(train)
    await expect(scaler.partialFit(train)).rejects.toThrow(
      `${name}.partialFit: expected one fit at a time, got another while the first runs. Await it.`,
    )
    await first
    expect(scaler.rows).toEqual([3, 3])
  })

  test('refuses to be used before fit', () => {
    const scaler = new Scaler()
    expect(scaler.fitted).toBe(false)
    for (const [caller, use] of [
      ['transform()', () => scaler.transform(train)],
      ['inverseTransform()', () => scaler.inverseTransform(train)],
      ['toJSON()', () => scaler.toJSON()],
      ['mean', () => scaler.mean],
      ['quantile()', () => scaler.quantile(0.5)],
    ] as const) {
      expect(use).toThrow(
        `${name}: expected fit() before ${caller}, got an unfitted scaler. ` +
          'Await fit(trainData) first, or load saved statistics with fromJSON(state).',
      )
    }
  })

  test('refuses data of another width', async () => {
    const scaler = await new Scaler().fit(train)
    expect(() => scaler.transform(tf.zeros([2, 5, 3]))).toThrow(
      `${name}.transform: expected 2 features in axis -1, got 3 (shape [2, 5, 3]). ` +
        'Pass data laid out like the training data.',
    )
    expect(() => scaler.transform(tf.zeros([4]))).toThrow('expected 2 features in axis -1, got 4')
    expect(() => scaler.transform([[1, 2, 3]])).toThrow('expected 2 features in axis -1, got 3')
    expect(() => scaler.transform(Float32Array.of(1, 2, 3))).toThrow('expected 2 features in axis -1, got 3')
    expect(() => scaler.inverseTransform(tf.scalar(1))).toThrow(
      `${name}.inverseTransform: expected an array with a feature axis, got a scalar. Use axis: 'all'.`,
    )
  })

  test('refuses batches of different widths and stays as it was', async () => {
    const scaler = new Scaler()
    const message = `${name}.fit: expected 3 features in axis -1, got 4 (shape [2, 4]). Pass data laid out like the training data.`
    await expect(scaler.fit([tf.zeros([2, 3]), tf.zeros([2, 4])])).rejects.toThrow(message)
    expect(scaler.fitted).toBe(false)
    await scaler.partialFit(train)
    const before = JSON.stringify(scaler)
    await expect(scaler.partialFit([train, tf.zeros([2, 3])])).rejects.toThrow('expected 2 features')
    expect(JSON.stringify(scaler)).toBe(before)
  })

  test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s in the training data and says where it is',
    async (value) => {
      const scaler = new Scaler()
      await expect(scaler.fit([tf.zeros([0, 2]), tf.tensor([1, 2, value, 4], [2, 1, 2])])).rejects.toThrow(
        `${name}.fit: expected finite values or NaN, got ${value} (flat index 2, batch 1, shape [2,1,2]). ` +
          'Repair or leave out such samples before fitting.',
      )
      expect(scaler.fitted).toBe(false)
    },
  )

  test.each([
    ['no batch', []],
    ['an empty batch', [tf.zeros([0, 2])]],
    ['empty rows', [[], []]],
  ])('refuses %s', async (_, batches) => {
    await expect(new Scaler().fit(batches)).rejects.toThrow(
      `${name}.fit: expected at least one value, got none. Check the data source.`,
    )
  })

  test('leaves NaN out of the fit and keeps it in the transform', async () => {
    const holes = [
      [1, Number.NaN],
      [Number.NaN, 10],
      [3, 30],
      [5, 20],
    ]
    const scaler = await new Scaler().fit(holes)
    const whole = await new Scaler().fit(train)
    expect([scaler.missing, scaler.rows]).toEqual([
      [1, 1],
      [3, 3],
    ])
    expect(scaler.transform([[4, Number.NaN]])).toEqual([[whole.transform([[4, 1]])[0]![0], Number.NaN]])
    expect(Number.isNaN(scaler.transform(tf.tensor2d([[4, Number.NaN]])).dataSync()[1])).toBe(true)
  })

  test('refuses a feature without any value, but waits for one in a partial fit', async () => {
    const scaler = new Scaler({ features: ['age', 'size'] })
    const message = `expected at least one value of each feature, got only NaN or weight 0 (feature size). Leave the feature out.`
    await expect(scaler.fit([[1, Number.NaN]])).rejects.toThrow(`${name}.fit: ${message}`)
    await scaler.partialFit([[1, Number.NaN]])
    expect(() => scaler.transform([[1, 2]])).toThrow(`${name}.transform(): ${message}`)
    expect(() => scaler.toJSON()).toThrow(`${name}.toJSON: ${message}`)
    await scaler.partialFit([[3, 4]])
    expect(scaler.transform([[1, 4]])[0]![1]).toBe(name === 'MinMaxScaler' ? -1 : 0)
  })

  test('reports features without spread and only shifts them', async () => {
    const scaler = await new Scaler({ features: ['same', 'other'] }).fit([
      [0.1, 1],
      [0.1, 2],
    ])
    expect(scaler.constantFeatures).toEqual(['same'])
    expect((await new Scaler().fit([[5], [5]])).constantFeatures).toEqual(['0'])
    const [low, high] = scaler
      .transform([
        [0.1, 1],
        [0.1 + 2 ** -10, 1],
      ])
      .map(([same]) => same!)
    expect(low).toBeCloseTo(name === 'MinMaxScaler' ? -1 : 0, 14)
    expect(high! - low!).toBeCloseTo(2 ** -10 * (name === 'MinMaxScaler' ? 2 : 1), 14)
  })

  test('weights count samples', async () => {
    const repeated = await new Scaler().fit([
      [1, 5],
      [1, 5],
      [4, 6],
      [9, 1],
      [9, 1],
      [9, 1],
    ])
    const rows = [
      [1, 5],
      [100, 100],
      [4, 6],
      [9, 1],
    ]
    const weights = [2, 0, 1, 3]
    for (const data of [rows, tf.tensor2d(rows), tf.tensor3d(rows.flat(), [4, 1, 2])]) {
      const scaler = await new Scaler().fit(data, { weights })
      expect(scaler.transform([[2, 3]])).toEqual(repeated.transform([[2, 3]]))
      expect(scaler.maximum).toEqual([9, 6])
    }
    const fromTensor = await new Scaler().fit(rows, { weights: tf.tensor1d(weights) })
    expect(fromTensor.mean).toEqual(repeated.mean)
  })

  test.each([
    [[1, 2], 'expected 3 weights, got 2 (shape [3,1,2]). Pass one for each sample.'],
    [
      [1, -1, 2],
      'expected weights that are finite and not negative, got -1 (index 1). Use 0 to leave a sample out.',
    ],
    [[1, Number.NaN, 2], 'expected weights that are finite and not negative, got NaN (index 1).'],
  ])('refuses the weights %j', async (weights, message) => {
    await expect(new Scaler().fit(train, { weights })).rejects.toThrow(`${name}.fit: ${message}`)
  })

  test('refuses weights for a stream', async () => {
    await expect(new Scaler().fit([train, train], { weights: [1, 1] })).rejects.toThrow(
      `${name}.fit: expected weights with one batch, got weights for a stream. Call partialFit(batch, { weights }) for each.`,
    )
  })

  test('scales validation data with the statistics of the training data only', async () => {
    const scaler = await new Scaler().fit(train)
    const before = JSON.stringify(scaler)
    const both = scaler.transform(tf.tensor([100, -7, 3, 30], [2, 1, 2]))
    const alone = scaler.transform(tf.tensor([3, 30], [1, 1, 2]))
    expect([...both.dataSync()].slice(2)).toEqual([...alone.dataSync()])
    await scaler.compare(tf.tensor([100, -7, 3, 30], [2, 1, 2]))
    expect(JSON.stringify(scaler)).toBe(before)
  })

  test('takes integers and async generators that dispose of their batches', async () => {
    async function* batches() {
      for (const values of [
        [1, 10, 3, 30],
        [5, 20],
      ]) {
        const batch = tf.tensor(values, [values.length / 2, 1, 2], 'int32')
        yield batch
        batch.dispose()
      }
    }
    const ones = tf.ones([1, 2], 'int32')
    const expected = (await new Scaler().fit(train)).toJSON()
    await expectNoTensorLeak(async () => {
      const scaler = await new Scaler().fit(batches())
      expect(scaler.toJSON()).toEqual(expected)
      const scaled = scaler.transform(ones)
      expect(scaled.dtype).toBe('float32')
      return scaled
    })
  })

  test('leaves no tensor behind, also when it throws', async () => {
    const wide = tf.zeros([2, 3])
    await expectNoTensorLeak(async () => {
      const scaler = await new Scaler().fit([train, train])
      const scaled = scaler.transform(train)
      const restored = scaler.inverseTransform(scaled)
      expectClose(restored, train.dataSync())
      expect(() => scaler.transform(wide)).toThrow()
      await expect(scaler.compare(wide)).rejects.toThrow()
      return [scaled, restored]
    })
  })

  test('transform is differentiable', async () => {
    const scaler = await new Scaler().fit(train)
    expectGradientsMatch((x) => tf.sum(tf.square(scaler.transform(x!))), [tf.tensor([0.5, 7], [1, 2])])
  })

  test('merge gives a finished scaler if one of both is', async () => {
    const [open, finished] = [await new Scaler().partialFit(train), await new Scaler().fit(train)]
    for (const merged of [open.merge(finished), finished.merge(open)]) {
      await expect(merged.partialFit(train)).rejects.toThrow(refit('partialFit'))
    }
    expect((await open.merge(open).partialFit(train)).rows).toEqual([9, 9])
    expect(open.rows).toEqual([3, 3])
  })

  test('merge refuses a scaler that was made otherwise', async () => {
    const scaler = await new Scaler({ features: ['a', 'b'] }).fit(train)
    const other = await new Scaler({ features: ['a', 'c'] }).fit(train)
    expect(() => scaler.merge(other)).toThrow(
      /merge: expected a scaler that was made and fitted alike, .*"a","b".*"a","c"/,
    )
    expect(() => scaler.merge(new Scaler())).toThrow('expected fit() before merge()')
  })

  test('refuses an unknown axis, names that repeat, and a sketch of a few bins', () => {
    expect(() => new Scaler({ axis: 'batch' as never })).toThrow(
      `${name}: expected axis to be 'channel' or 'all', got "batch". ` +
        "Choose 'channel' for one set of statistics per entry of the last axis, 'all' for a single one.",
    )
    expect(() => new Scaler({ features: ['a', 'b', 'a'] })).toThrow(
      `${name}: expected features to be different names, got ["a","b","a"]. ` +
        'Give each entry of the feature axis a name of its own.',
    )
    expect(() => new Scaler({ axis: 'all', features: ['a', 'b'] })).toThrow(
      'expected features to be one name',
    )
    expect(() => new Scaler({ sketchSize: 5 })).toThrow(
      `${name}: expected sketchSize to be 0 or an integer from 32, got 5. Try 1024.`,
    )
  })

  test('refuses a share that is none', async () => {
    const scaler = await new Scaler().fit(train)
    expect(() => scaler.quantile(50)).toThrow(
      `${name}.quantile: expected p from 0 to 1, got 50. Use 0.5 for the median.`,
    )
    expect(scaler.quantile(0.5)).toEqual([3, 20])
  })
})

test('a scalar keeps its shape with axis all', async () => {
  const standard = await new StandardScaler({ axis: 'all' }).fit(train)
  const minMax = await new MinMaxScaler({ axis: 'all' }).fit(train)
  expect(standard.transform(tf.scalar(2)).shape).toEqual([])
  expect(minMax.transform(tf.scalar(2)).shape).toEqual([])
})

test('a large mean with a small deviation keeps its digits in float32', async () => {
  const scaler = await new StandardScaler({ axis: 'all' }).fit([4096.2, 4096.4])
  expectClose(scaler.transform(tf.tensor([4096.25, 4097])), [-0.5, 7], { absolute: 1e-5, relative: 0 })
  expectClose(scaler.inverseTransform(tf.tensor([-0.5])), [4096.25], { absolute: 3e-4, relative: 0 })
})

test('MinMaxScaler maps the training limits to the range exactly', async () => {
  const pixels = await new MinMaxScaler({ axis: 'all' }).fit(tf.tensor([0, 12, 255]))
  expect([...pixels.transform(tf.tensor([0, 255])).dataSync()]).toEqual([-1, 1])
})

test('a spread that float32 cannot hold counts as constant', async () => {
  const scaler = await new StandardScaler().fit([[0], [1e-45]])
  expect(scaler.constantFeatures).toEqual(['0'])
  expectClose(scaler.transform(tf.tensor2d([[0], [2]])), [0, 2])
})

test.each([[[1, -1]], [[0, 0]], [[0, Number.NaN]], [[0]]])('MinMaxScaler refuses the range %j', (range) => {
  expect(() => new MinMaxScaler({ range: range as [number, number] })).toThrow(
    `MinMaxScaler: expected range to be two finite numbers in ascending order, got [${range.join(', ')}]. ` +
      'Try [-1, 1] or [0, 1].',
  )
})

test('RobustScaler refuses quantiles in percent, and to have no sketch', () => {
  expect(() => new RobustScaler({ quantileRange: [25, 75] })).toThrow(
    'RobustScaler: expected quantileRange to be two finite numbers from 0 to 1 in ascending order, got [25, 75]. ' +
      'Try [0.25, 0.75].',
  )
  expect(() => new RobustScaler({ sketchSize: 0 })).toThrow(
    'RobustScaler: expected a sketch to take quantiles from, got sketchSize=0. Try 1024.',
  )
})

test('RobustScaler refuses weights that add up to 1, which count no rows', async () => {
  const values = Array.from({ length: 50 }, (_, index) => [index])
  const weights = Array(50).fill(0.02)
  await expect(new RobustScaler({ features: ['a'] }).fit(values, { weights })).rejects.toThrow(
    /^RobustScaler: expected weights that count rows, got a sum of 1(\.0+\d+)? for 50 rows \(feature a\)\. Scale them so that they average 1\.$/,
  )
  const scaled = await new RobustScaler().fit(values, { weights: Array(50).fill(1) })
  expect(scaled.transform([[40]])).toEqual((await new RobustScaler().fit(values)).transform([[40]]))
})

test('RobustScaler does not mind outliers', async () => {
  const values = Array.from({ length: 99 }, (_, index) => [index])
  const plain = await new RobustScaler().fit(values)
  const robust = await new RobustScaler().fit([...values, [1e9]])
  expectClose(robust.transform([[10]]).flat(), plain.transform([[10]]).flat(), {
    absolute: 0.02,
    relative: 0,
  })
})
