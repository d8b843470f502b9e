import type { Player } from '@dlkit/checks'
import { configSchema } from '@dlkit/gan-colorize'
import type * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { expect, test } from 'vitest'
import { colourPlayers } from './colour-players.js'

test.each([true, false])('a network that takes strokes (%s) is looked at without them', async (hints) => {
  const size = 16
  const ids = ['one', 'two', 'three']
  const bytes = (channels: number) =>
    Uint8Array.from({ length: ids.length * size * size * channels }, (_, i) => (i * 37) % 256)
  const config = configSchema.parse({
    size,
    model: { filters: 4, levels: 2, discriminatorFilters: 4, hints },
  })
  const { subject, data } = await colourPlayers(config, { size, ids, line: bytes(1), colour: bytes(3) })
  const { generator } = subject as { generator: Player }
  const painted = generator.predict!(data.inputs, false) as tf.Tensor
  expect(painted.shape).toEqual([3, size, size, 3])
  const loss = generator.loss({ inputs: data.inputs, targets: data.targets! }, true) as tf.Tensor
  expect((await loss.data())[0]).toBeGreaterThan(1)
})
