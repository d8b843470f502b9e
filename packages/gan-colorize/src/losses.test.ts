import { readFileSync } from 'node:fs'
import { expectClose, expectGradientsMatch, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, test } from 'vitest'
import { adversarialLosses } from './losses.js'

const fixture = JSON.parse(readFileSync(new URL('../fixtures/losses.json', import.meta.url), 'utf8'))
const scores = (name: 'real' | 'fake') => tf.tensor(fixture[name], fixture.shape)

describe.each(['hinge', 'bce'] as const)('%s', (name) => {
  const loss = adversarialLosses[name]

  test('gives the values of PyTorch', async () => {
    await expectClose(loss.discriminator(scores('real'), scores('fake')), [fixture[name].discriminator])
    await expectClose(loss.generator(scores('fake')), [fixture[name].generator])
  })

  test('has the gradients of finite differences', async () => {
    // Away from the hinge's kinks at ±1, where the slope jumps.
    const real = tf.tensor2d([0.3, -1.4, 2.2, 0.7, 1.6, -0.2], [2, 3])
    const fake = tf.tensor2d([-0.4, 1.1, -1.7, 0.2, -2.1, 0.6], [2, 3])
    await expectGradientsMatch((a, b) => loss.discriminator(a!, b!), [real, fake])
    await expectGradientsMatch((a) => loss.generator(a!), [fake])
  })

  test('leaves no tensor behind', async () => {
    await expectNoTensorLeak(() => {
      const [real, fake] = [scores('real'), scores('fake')]
      tf.dispose([loss.discriminator(real, fake), loss.generator(fake), real, fake])
    })
  })
})
