import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { ImageScaler } from './image-scaler.js'

/** Two pictures [2, height 2, width 3, channels 3] with values from 0 to 255. */
const bytes = Uint8Array.from({ length: 36 }, (_, index) => (index * 71) % 256)
const last = tf.tensor(bytes, [2, 2, 3, 3])
const first = tf.transpose(last, [0, 3, 1, 2])

test('black and white go to -1 and 1 exactly, whatever the training pictures show', async () => {
  const scaler = await new ImageScaler().fit(tf.fill([1, 2, 2, 3], 100))
  expect([...scaler.transform(tf.tensor([0, 127.5, 255], [1, 1, 3])).dataSync()]).toEqual([-1, 0, 1])
  expect(scaler.constantFeatures).toEqual(['0', '1', '2'])
})

test.each([
  [
    [0, 1],
    [0, 255],
    [0, 0.2, 1],
  ],
  [
    [-1, 1],
    [0, 1],
    [-1, 101, 509],
  ],
  [
    [0, 255],
    [-1, 1],
    [127.5, 6630, 32640],
  ],
] as const)('the range %j is reached from pixels in %j', async (output, pixelRange, expected) => {
  const scaler = await new ImageScaler({ output, pixelRange }).fit([[0, 0.5, 1]])
  expectClose(scaler.transform([[0, 51, 255]]).flat(), [...expected], { absolute: 1e-12, relative: 1e-12 })
})

test('each channel gets mean 0 and deviation 1 over the training pictures', async () => {
  const scaler = await new ImageScaler({ output: 'standard', features: ['red', 'green', 'blue'] }).fit(last)
  const { mean, variance } = tf.moments(scaler.transform(last), [0, 1, 2])
  expectClose(mean, [0, 0, 0], { absolute: 1e-6 })
  expectClose(variance, [1, 1, 1], { absolute: 1e-6 })
})

test('channelsFirst gives the same numbers in its own layout', async () => {
  for (const output of ['standard', [-1, 1]] as const) {
    const a = await new ImageScaler({ output }).fit(last)
    const b = await new ImageScaler({ output, dataFormat: 'channelsFirst' }).fit(first)
    expect(b.mean).toEqual(a.mean)
    const expected = tf.transpose(a.transform(last), [0, 3, 1, 2])
    expectClose(b.transform(first), expected.dataSync())
    expectClose(b.transform({ data: first.dataSync(), shape: first.shape }).data, expected.dataSync())
    expectClose(b.inverseTransform(b.transform(first)), first.dataSync(), { absolute: 1e-4 })
  }
})

test('bytes are read as they are and come back as float32', async () => {
  const scaler = await new ImageScaler({ output: [0, 1] }).fit({ data: bytes, shape: [4, 3, 3] })
  const { data } = scaler.transform({ data: bytes, shape: [4, 3, 3] })
  expect(data).toEqual(Float32Array.from(bytes, (byte) => byte / 255))
})

test('weights count pictures', async () => {
  const once = await new ImageScaler().fit(tf.slice(last, [0], [1]))
  expect((await new ImageScaler().fit(last, { weights: [3, 0] })).mean).toEqual(once.mean)
})

test('pictures outside of the pixel range are refused, and the scaler stays unfitted', async () => {
  const scaler = new ImageScaler({ pixelRange: [0, 1], features: ['red', 'green', 'blue'] })
  await expect(scaler.fit(last)).rejects.toThrow(
    /^ImageScaler: expected training pixels in \[0, 1\], got \[\d+, \d+\] \(channel red\). Set pixelRange to the black and white of the pictures\.$/,
  )
  expect(scaler.fitted).toBe(false)
})

test('refuses a row where pictures with the channels first are expected', async () => {
  await expect(new ImageScaler({ dataFormat: 'channelsFirst' }).fit([[1, 2, 3]])).rejects.toThrow(
    'ImageScaler.fit: expected pictures [..., channels, height, width], got the shape [1, 3]. ' +
      "Use dataFormat: 'channelsLast' for [..., channels].",
  )
})

test('refuses bad options', () => {
  expect(() => new ImageScaler({ output: [1, 0] })).toThrow(
    "ImageScaler: expected output to be two finite numbers in ascending order, got [1, 0]. Try [-1, 1], [0, 1] or 'standard'.",
  )
  expect(() => new ImageScaler({ pixelRange: [255, 0] })).toThrow(
    'expected pixelRange to be two finite numbers',
  )
  expect(() => new ImageScaler({ dataFormat: 'NCHW' as never })).toThrow(
    "ImageScaler: expected dataFormat to be 'channelsLast' or 'channelsFirst', got \"NCHW\".",
  )
})
