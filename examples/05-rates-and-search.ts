// Chooses numbers: a learning rate by a range test, then width and rate by a search that can be interrupted.
//   npm run example examples/05-rates-and-search.ts
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { learningRateRangeTest } from '@dlkit/checks'
import { useEngine } from '@dlkit/engine'
import { inProcess, int, logUniform, openStudy, runStudy, tpeSampler } from '@dlkit/search'
import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers'

await useEngine()
const inputs = tf.randomNormal([256, 2], 0, 1, 'float32', 1) as tf.Tensor2D
const targets = tf.tidy(() => tf.sin(tf.mul(2, tf.prod(inputs, 1, true))))

function network(units: number, rate: number) {
  const kernelInitializer = initializers.heNormal({ seed: 1 })
  const model = sequential({
    layers: [
      layers.dense({ units, activation: 'relu', inputShape: [2], kernelInitializer }),
      layers.dense({ units, activation: 'relu', kernelInitializer }),
      layers.dense({ units: 1, kernelInitializer }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(rate), loss: 'meanSquaredError' })
  return model
}

// Where a sweep over rates falls fastest, and where it blows up.
const range = await learningRateRangeTest(network(32, 1e-5), { inputs, targets })
console.log(`${range.verdict}: ${range.evidence}`)

// A search around it. The journal holds every trial: the same program goes on where it was, and Optuna's tools open it.
const study = await openStudy({
  path: join(mkdtempSync(join(tmpdir(), 'dlkit-search-')), 'example.journal'),
  space: { units: int(4, 64), rate: logUniform(1e-4, 1e-1) },
  metrics: { loss: 'minimize' },
  sampler: tpeSampler({ seed: 1 }),
})
await runStudy(study, {
  trials: 16,
  executor: inProcess(async ({ params }) => {
    const model = network(params.units, params.rate)
    const { history } = await model.fit(inputs, targets, { epochs: 8, shuffle: false, verbose: 0 })
    model.dispose()
    return history.loss!.at(-1) as number
  }),
})
const worst = Math.max(...study.trials.map(({ values }) => values![0]!))
const { params, values } = study.best!
console.log(`best of ${study.trials.length}: ${params.units} units, rate ${params.rate.toExponential(1)}`)
console.log(`loss ${values![0]!.toFixed(3)}, the worst had ${worst.toFixed(3)}`)
