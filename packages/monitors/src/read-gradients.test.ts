import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test, vi } from 'vitest'
import { readGradients } from './read-gradients.js'

const gradients = () => ({
  kernel: tf.tensor([3, 0, -4, 0, 0, 0], [3, 2]),
  bias: tf.tensor([-2, 2]),
  scale: tf.scalar(-0.5),
})

test('gives norm and mean magnitude of each gradient', async () => {
  expect(await readGradients(gradients())).toEqual({
    variables: [
      { name: 'kernel', norm: 5, meanAbs: Math.fround(7) / 6 },
      { name: 'bias', norm: Math.sqrt(8), meanAbs: 2 },
      { name: 'scale', norm: 0.5, meanAbs: 0.5 },
    ],
    missing: [],
  })
})

test('takes the list that an optimizer gets from minimize, and names what is missing', async () => {
  const { variables, missing } = await readGradients([
    { name: 'a', tensor: tf.tensor([3, 4]) },
    { name: 'b', tensor: undefined },
    { name: 'c', tensor: null },
  ])
  expect(variables).toEqual([{ name: 'a', norm: 5, meanAbs: 3.5 }])
  expect(missing).toEqual(['b', 'c'])
})

test('reads back once for all variables', async () => {
  const read = vi.spyOn(tf.backend(), 'read')
  await readGradients(gradients())
  expect(read).toHaveBeenCalledTimes(1)
  read.mockRestore()
})

test('is done with the gradients when it returns its promise, also inside tidy', async () => {
  const given = gradients()
  await expectNoTensorLeak(async () => {
    const copies = tf.tidy(() => ({ kernel: tf.clone(given.kernel), bias: tf.clone(given.bias) }))
    const reading = readGradients(copies)
    tf.dispose(copies)
    expect((await reading).variables.map(({ norm }) => norm)).toEqual([5, Math.sqrt(8)])

    const inside: ReturnType<typeof readGradients>[] = []
    tf.tidy(() => {
      inside.push(readGradients({ square: tf.square(given.bias) }))
    })
    expect((await inside[0]!).variables[0]!.meanAbs).toBe(4)
  })
})

test('shows NaN and infinity as such', async () => {
  const { variables } = await readGradients({
    nan: tf.tensor([1, Number.NaN, Number.POSITIVE_INFINITY]),
    inf: tf.tensor([1, Number.NEGATIVE_INFINITY]),
    empty: tf.zeros([0, 3]),
  })
  expect(variables).toEqual([
    { name: 'nan', norm: Number.NaN, meanAbs: Number.NaN },
    { name: 'inf', norm: Number.POSITIVE_INFINITY, meanAbs: Number.POSITIVE_INFINITY },
    { name: 'empty', norm: 0, meanAbs: 0 },
  ])
})

test('no gradients make an empty reading without a read-back', async () => {
  expect(await readGradients({})).toEqual({ variables: [], missing: [] })
})
