import '@tensorflow/tfjs-layers'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { GradientMonitor } from './gradient-monitor.js'
import { watchOptimizer } from './watch-optimizer.js'

function problem() {
  const weight = tf.variable(tf.tensor([2, -1]))
  return { weight, loss: () => tf.sum<tf.Scalar>(tf.square(weight)) }
}

test('sees each update of minimize, with and without a list of variables', async () => {
  const { weight, loss } = problem()
  const optimizer = tf.train.sgd(0.25)
  const monitor = new GradientMonitor()
  watchOptimizer(optimizer, monitor)
  const norms: (number | undefined)[] = []
  for (const variables of [[weight], undefined]) {
    optimizer.minimize(loss, false, variables)
    await monitor.settled()
    norms.push(monitor.report?.globalNorm)
  }
  expect(monitor.step).toBe(2)
  expect(norms).toEqual([Math.sqrt(20), Math.sqrt(5)])
})

test('trains to the same bits as without', async () => {
  const run = async (watched: boolean) => {
    const { weight, loss } = problem()
    const optimizer = tf.train.adam(0.1)
    const monitor = new GradientMonitor()
    if (watched) watchOptimizer(optimizer, monitor)
    for (let step = 0; step < 5; step++) optimizer.minimize(loss, false, [weight])
    await monitor.settled()
    return weight.data()
  }
  expect(await run(true)).toEqual(await run(false))
})

test('leaves no tensor behind', async () => {
  const { weight, loss } = problem()
  const optimizer = tf.train.sgd(0.1)
  const monitor = new GradientMonitor()
  watchOptimizer(optimizer, monitor)
  // The first update gives the variable a buffer of its own.
  optimizer.minimize(loss, false, [weight])
  await monitor.settled()
  await expectNoTensorLeak(async () => {
    for (let step = 0; step < 3; step++) optimizer.minimize(loss, false, [weight])
    await monitor.settled()
  })
  expect(monitor.report?.step).toBe(4)
})

test('ends without a trace, in any order of several watchers', async () => {
  const { weight, loss } = problem()
  const optimizer = tf.train.sgd(0.1)
  const inherited = optimizer.applyGradients
  const monitors = [new GradientMonitor(), new GradientMonitor()] as const
  const unwatchFirst = watchOptimizer(optimizer, monitors[0])
  const unwatchSecond = watchOptimizer(optimizer, monitors[1])
  optimizer.minimize(loss, false, [weight])
  unwatchFirst()
  optimizer.minimize(loss, false, [weight])
  unwatchSecond()
  optimizer.minimize(loss, false, [weight])
  expect(monitors.map(({ step }) => step)).toEqual([1, 2])
  await Promise.all(monitors.map((monitor) => monitor.settled()))

  const fresh = tf.train.sgd(0.1)
  watchOptimizer(fresh, monitors[0])()
  expect(Object.hasOwn(fresh, 'applyGradients')).toBe(false)
  expect(fresh.applyGradients).toBe(inherited)
})

test('an error in onFinding is thrown by the next update', async () => {
  const { weight, loss } = problem()
  const optimizer = tf.train.sgd(Number.NaN)
  const monitor = new GradientMonitor({
    onFinding: ({ message }) => {
      throw new Error(message)
    },
  })
  watchOptimizer(optimizer, monitor)
  optimizer.minimize(loss, false, [weight])
  optimizer.minimize(loss, false, [weight])
  await expect(monitor.settled()).rejects.toThrow('NaN in the gradients')
  expect(() => optimizer.minimize(loss, false, [weight])).toThrow('NaN in the gradients')
})

test('a restored monitor counts on', async () => {
  const { weight, loss } = problem()
  const monitor = new GradientMonitor()
  await monitor.observe(40, { weight })
  const resumed = new GradientMonitor()
  resumed.restore(monitor.state())
  const optimizer = tf.train.sgd(0.1)
  watchOptimizer(optimizer, resumed)
  optimizer.minimize(loss, false, [weight])
  await resumed.settled()
  expect(resumed.report?.step).toBe(41)
})
