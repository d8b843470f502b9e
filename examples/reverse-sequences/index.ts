// A tiny transformer learns to write sequences of twelve digits backwards; npm start -w example-reverse-sequences.
import { useEngine } from '@dlkit/engine'
import { buildTransformer, train } from './transformer.js'

await useEngine()
const model = buildTransformer(1)
const started = Date.now()
const { accuracy, step } = await train(model, {
  seed: 1,
  steps: 1500,
  accuracy: 0.995,
  onProgress: ({ step, loss, accuracy }) =>
    console.log(
      `step ${step}: loss ${loss.toFixed(4)}, ${(100 * accuracy).toFixed(1)} % of new sequences right`,
    ),
})
const seconds = ((Date.now() - started) / 1000).toFixed(0)
console.log(`${(100 * accuracy).toFixed(1)} % of the symbols after ${step} steps and ${seconds} s`)
