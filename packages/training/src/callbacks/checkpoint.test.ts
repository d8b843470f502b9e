import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExponentialMovingAverage } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { bitsOf, classifier, temporaryFolder } from '../../tests/small-training.js'
import {
  checkpoint,
  earlyStop,
  loadParts,
  type Parts,
  RunFolder,
  resume,
  runSteps,
  saveParts,
} from '../index.js'

let run: RunFolder
let variable: tf.Variable
let parts: Parts

beforeEach(() => {
  run = RunFolder.create(join(temporaryFolder(), 'run'), { config: {}, environment: {} })
  variable = tf.variable(tf.scalar(0))
  parts = { weights: { w: variable } }
  return () => {
    run.close()
    variable.dispose()
  }
})

const checkpoints = () => readdirSync(join(run.path, 'checkpoints')).map((name) => Number(name.slice(5)))

/** Steps that count in the variable, with a metric for each validation. */
const count = (values: number[], args: Parameters<typeof checkpoint>[2], to = values.length, every = 1) =>
  runSteps({
    from: 0,
    to,
    step: (step) => {
      tf.tidy(() => variable.assign(tf.scalar(step)))
      return { loss: 1 }
    },
    ...(values.length > 0 && {
      validate: { every, run: (step) => ({ val_loss: values[step / every - 1]! }) },
    }),
    callbacks: [checkpoint(run, parts, args)],
  })

describe('checkpoint', () => {
  test('keeps the last ones and the best ones', async () => {
    await count([5, 1, 4, 0.5, 3, 6, 7], { keep: 2, best: { metric: 'val_loss', keep: 2 } })
    expect(checkpoints()).toEqual([2, 4, 6, 7])
    await loadParts(run, parts, { best: { metric: 'val_loss' } })
    expect(variable.dataSync()[0]).toBe(4)
    await loadParts(run, parts, { best: { metric: 'val_loss', mode: 'max' } })
    expect(variable.dataSync()[0]).toBe(7)
  })

  test('best by several metrics; NaN is never best, and of equal ones the first', async () => {
    const best = [{ metric: 'val_loss' }, { metric: 'val_loss', mode: 'max' as const }]
    await count([Number.NaN, 2, 9, 2, 9, 5], { keep: 1, best })
    expect(checkpoints()).toEqual([2, 3, 6])
  })

  test('without metrics every n steps, at the start and at the end', async () => {
    await count([], { every: 3, keep: 9 }, 7)
    expect(checkpoints()).toEqual([0, 3, 6, 7])
  })

  test('gives back the best weights when the training is over, from the disk', async () => {
    const model = classifier()
    const all = { model, weights: { w: variable } }
    const seen: unknown[] = []
    const step = (step: number) => {
      tf.tidy(() => {
        model.weights[0]!.write(tf.fill([3, 6], step))
        variable.assign(tf.scalar(step))
      })
      seen.push(bitsOf(model))
      return {}
    }
    const validate = { every: 1, run: (step: number) => ({ acc: [1, 3, 2, 2][step - 1]! }) }
    const callbacks = [checkpoint(run, all, { keep: 1, best: { metric: 'acc' }, restoreBest: true })]
    const before = tf.memory().numTensors
    await runSteps({ from: 0, to: 4, step, validate, callbacks })
    expect(tf.memory().numTensors).toBe(before)
    expect(bitsOf(model)).toEqual(seen[1])
    expect(variable.dataSync()[0]).toBe(4)
  })

  test('refuses to forget what a callback remembers, and to be called before it', async () => {
    const stop = earlyStop({ metric: 'val_loss' })
    const step = () => ({})
    await expect(
      runSteps({ from: 0, to: 1, step, callbacks: [stop, checkpoint(run, parts)] }),
    ).rejects.toThrow('checkpoint: expected earlyStop among the parts, since it has a state, got weights.')
    await expect(
      runSteps({ from: 0, to: 1, step, callbacks: [checkpoint(run, { ...parts, stop }), stop] }),
    ).rejects.toThrow('Put checkpoint last.')
    expect(() => checkpoint(run, parts, { restoreBest: true })).toThrow('expected best for restoreBest')
    expect(() => checkpoint(run, parts, { best: { metric: 'a', keep: 0 } })).toThrow(
      'keep to be a whole number',
    )
    expect(() => checkpoint(run, { broken: 5 as never })).toThrow('got number ("broken")')
  })
})

describe('resume', () => {
  test('a run without checkpoints begins at 0', async () => {
    expect(await resume(run, parts)).toEqual({ step: 0, epoch: 0, skipped: [] })
  })

  test('puts back models, optimizers, averages and states', async () => {
    const make = (optimizer: tf.Optimizer) => {
      const model = classifier(optimizer)
      const average = new ExponentialMovingAverage(model, { decay: 0.5 })
      let position = 0
      const batches = {
        state: () => ({ position }),
        restore: (state: { position: number }) => {
          position = state.position
        },
      }
      const train = () => {
        position++
        tf.tidy(() => {
          const x = tf.randomNormal([6, 3], 0, 1, 'float32', position)
          optimizer.minimize(() => tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)))
        })
        average.update()
      }
      const bits = () => [
        bitsOf(model),
        Object.values(average.tensors()).map((t) => Array.from(t.dataSync())),
      ]
      return { train, bits, parts: { model, optimizer, average, batches } }
    }
    const whole = make(tf.train.adam(0.01))
    for (let i = 0; i < 3; i++) whole.train()
    await saveParts(run, whole.parts, { step: 3, epoch: 1 })
    for (let i = 0; i < 3; i++) whole.train()
    const resumed = make(tf.train.adam(0.01))
    resumed.train()
    expect(await resume(run, resumed.parts)).toEqual({ step: 3, epoch: 1, skipped: [] })
    for (let i = 0; i < 3; i++) resumed.train()
    expect(resumed.bits()).toEqual(whole.bits())
  })

  test('refuses other parts and changes nothing', async () => {
    await saveParts(run, { weights: { w: variable }, more: { v: variable } }, { step: 1 })
    variable.assign(tf.scalar(5))
    await expect(resume(run, parts)).rejects.toThrow('(differing: more)')
    const other = tf.variable(tf.zeros([2]))
    await expect(resume(run, { weights: { w: variable }, more: { v: other } })).rejects.toThrow(
      'parts: "more" does not take back what was saved: expected float32 [2] for "v", got float32 [].',
    )
    expect(variable.dataSync()[0]).toBe(5)
  })

  test('every flipped byte of a checkpoint is found, and the one before is used', async () => {
    for (const step of [1, 2]) {
      variable.assign(tf.scalar(step))
      await saveParts(run, parts, { step, metrics: { loss: 1 / step } })
    }
    const newest = join(run.path, 'checkpoints', 'step-000002')
    for (const name of readdirSync(newest)) {
      const whole = readFileSync(join(newest, name))
      const isManifest = name === 'manifest.json'
      for (let byte = 0; byte < whole.length; byte += isManifest ? 1 : 7) {
        const flipped = Buffer.from(whole)
        flipped[byte] = flipped[byte]! ^ 1
        writeFileSync(join(newest, name), flipped)
        const [{ step }, best] = [
          await loadParts(run, parts),
          await loadParts(run, parts, { best: { metric: 'loss' } }),
        ]
        // In the manifest a blank or a name of no meaning may change: then all hashes still have to be right.
        if (!isManifest) expect([name, byte, step, best.step]).toEqual([name, byte, 1, 1])
        expect(variable.dataSync()[0]).toBe(best.step)
      }
      writeFileSync(join(newest, name), whole)
    }
    expect((await loadParts(run, parts)).step).toBe(2)
  })
})
