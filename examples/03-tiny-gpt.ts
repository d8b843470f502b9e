// A tiny GPT: learns to write sums, such as 3+4=7, letter by letter, with causal attention.
//   npm run example examples/03-tiny-gpt.ts
import { useEngine } from '@dlkit/engine'
import { TransformerBlock } from '@dlkit/layers'
import { adamW, chain, clipByGlobalNorm } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers'

const LETTERS = '0123456789+=\n'
const [LENGTH, WIDTH, BATCH, STEPS] = [8, 48, 32, 160]

const encode = (text: string) => [...text.padEnd(LENGTH + 1, '\n')].map((letter) => LETTERS.indexOf(letter))
const sums = Array.from(
  { length: 100 },
  (_, i) => `${Math.floor(i / 10)}+${i % 10}=${Math.floor(i / 10) + (i % 10)}`,
)

await useEngine()
const text = input({ shape: [LENGTH] })
let x = layers.embedding({ inputDim: LETTERS.length, outputDim: WIDTH }).apply(text) as SymbolicTensor
for (let i = 0; i < 2; i++) {
  // Rotary positions tell where a letter stands; the mask hides the letters that come later.
  x = new TransformerBlock({ numHeads: 4, useCausalMask: true, rotaryBase: 100 }).apply(x) as SymbolicTensor
}
x = layers.layerNormalization().apply(x) as SymbolicTensor
const gpt = model({
  inputs: text,
  outputs: layers.dense({ units: LETTERS.length }).apply(x) as SymbolicTensor,
})

/** Cross-entropy of each next letter, `[batch, LENGTH, letters]` against `[batch, LENGTH]`. */
function loss(rows: number[][]): tf.Scalar {
  const from = tf.tensor2d(
    rows.map((row) => row.slice(0, -1)),
    undefined,
    'int32',
  )
  const to = tf.tensor2d(
    rows.map((row) => row.slice(1)),
    undefined,
    'int32',
  )
  const logits = gpt.apply(from, { training: true }) as tf.Tensor
  return tf.losses.softmaxCrossEntropy(tf.oneHot(to, LETTERS.length), logits)
}

const optimizer = chain(clipByGlobalNorm(1), adamW({ learningRate: 3e-3, weightDecay: 0.01 }))
const rows = sums.map(encode)
for (let step = 1; step <= STEPS; step++) {
  const batch = Array.from({ length: BATCH }, (_, i) => rows[(step * BATCH + i * 37) % rows.length]!)
  const value = optimizer.minimize(() => loss(batch), step % 40 === 0)
  if (value) console.log(`step ${step}: loss ${value.dataSync()[0]!.toFixed(3)}`)
  value?.dispose()
}

/** Writes on until the line ends, always with the likeliest letter. */
function write(begin: string): string {
  let line = begin
  while (line.length < LENGTH && !line.endsWith('\n')) {
    const next = tf.tidy(() => {
      const logits = gpt.predict(
        tf.tensor2d([encode(line).slice(0, LENGTH)], undefined, 'int32'),
      ) as tf.Tensor
      return tf.argMax(tf.slice(logits, [0, line.length - 1, 0], [1, 1, -1]), 2).dataSync()[0]!
    })
    line += LETTERS[next]
  }
  return line.trim()
}

for (const begin of ['3+4=', '9+9=', '0+5=']) console.log(write(begin))
console.log(`${sums.filter((sum) => write(sum.slice(0, 4)) === sum).length} of 100 sums are right`)
