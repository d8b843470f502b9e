// Finds out why a training fails: a network with three bugs, which are named one after the other and mended.
//   npm run example examples/02-why-it-fails.ts
import { preflight } from '@dlkit/checks'
import { useEngine } from '@dlkit/engine'
import { practiceOf } from '@dlkit/practices'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

interface Choices {
  /** Heights in millimetres, or scaled to zero mean and unit variance. */
  scaled: boolean
  kernelInitializer: 'zeros' | 'heNormal'
  activation: 'linear' | 'softmax'
}

/** Two heights of a plant; the class says in which half of the season it was measured. */
function plants(scaled: boolean) {
  return tf.tidy(() => {
    const values = tf.randomNormal([200, 2], 0, 1, 'float32', 1)
    const late = tf.cast(tf.greater(tf.sum(values, 1), 0), 'int32') as tf.Tensor1D
    return { inputs: scaled ? values : tf.add(tf.mul(values, 300), 4000), targets: tf.oneHot(late, 2) }
  })
}

/** The first thing that is wrong, or undefined. */
async function firstFault({ scaled, kernelInitializer, activation }: Choices) {
  const model = sequential({
    layers: [
      layers.dense({ units: 8, activation: 'relu', inputShape: [2], kernelInitializer }),
      layers.dense({ units: 2, activation }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy' })
  const { results } = await preflight(model, plants(scaled), { seed: 1 })
  return results.find(
    ({ verdict, check }) => verdict === 'fail' || (verdict === 'warn' && check === 'inputs'),
  )
}

await useEngine()
const choices: Choices = { scaled: false, kernelInitializer: 'zeros', activation: 'linear' }
const remedies: Record<string, Partial<Choices>> = {
  inputs: { scaled: true },
  initialization: { kernelInitializer: 'heNormal' },
  'initial-loss': { activation: 'softmax' },
}

for (;;) {
  const fault = await firstFault(choices)
  if (!fault) break
  const { number, title } = practiceOf(fault.practice)
  console.log(`${fault.check}: ${fault.evidence}\n  → ${fault.next}\n  ${number}: ${title}`)
  const remedy = remedies[fault.check]
  if (!remedy) throw new Error(`There is no remedy for ${fault.check} here.`)
  Object.assign(choices, remedy)
}
console.log('All checks pass.')
