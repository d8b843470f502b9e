import '@tensorflow/tfjs-backend-cpu'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { pairTensors, pictureToTensor, tensorToPictures } from './pair-tensors.js'

const set = {
  size: 2,
  ids: ['a', 'b', 'c'],
  line: Uint8Array.from({ length: 12 }, (_, index) => index * 20),
  colour: Uint8Array.from({ length: 36 }, (_, index) => index * 7),
}

describe('pairTensors', () => {
  it('scales the chosen pairs to [-1, 1] in the order asked for', async () => {
    const { line, colour } = pairTensors(set, [2, 0])
    expect([line.shape, colour.shape]).toEqual([
      [2, 2, 2, 1],
      [2, 2, 2, 3],
    ])
    const expected = [8, 9, 10, 11, 0, 1, 2, 3].map((index) => Math.fround((index * 20) / 127.5 - 1))
    expect([...(await line.data())]).toEqual(expected)
    expect((await colour.data())[0]).toBeCloseTo((24 * 7) / 127.5 - 1, 6)
    expect((await colour.data())[12]).toBe(-1)
    tf.dispose([line, colour])
  })

  it('refuses an index outside the set', () => {
    expect(() => pairTensors(set, [0, 3])).toThrow(
      new RangeError(
        'pairTensors: expected indices from 0 to 2, got 3 (position 1). Pass indices of this set.',
      ),
    )
  })
})

describe('tensorToPictures', () => {
  it('gives back the bytes that pictureToTensor scaled', async () => {
    const picture = { width: 16, height: 16, data: Uint8Array.from({ length: 256 }, (_, index) => index) }
    await expectNoTensorLeak(async () => {
      const tensor = pictureToTensor(picture)
      expect(tensor.shape).toEqual([1, 16, 16, 1])
      expect(await tensorToPictures(tensor)).toEqual([picture])
      tensor.dispose()
    })
  })

  it('clips what lies outside [-1, 1] and separates the pictures of a batch', async () => {
    const tensor = tf.tensor4d([-3, -1, 0, 1, 9, Number.NaN], [2, 1, 1, 3])
    const [first, second] = await tensorToPictures(tensor)
    expect([...first!.data]).toEqual([0, 0, 128])
    expect([...second!.data]).toEqual([255, 255, 0])
    tensor.dispose()
  })

  it('refuses other channel counts', async () => {
    await expect(tensorToPictures(tf.zeros([1, 2, 3, 4]))).rejects.toThrow(
      new RangeError(
        'tensorToPictures: expected 1 or 3 channels, got 4 (shape 1x2x3x4). Pass [batch, height, width, channels].',
      ),
    )
  })
})
