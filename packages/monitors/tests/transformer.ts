import * as tf from '@tensorflow/tfjs-core'
import { setLearningRate } from '../src/attach/hook-optimizer.js'
import type { Finding, MonitorArgs } from '../src/index.js'
import { seeded, seededRandom } from './random.js'
import { loopFindings } from './scenario.js'

const [BATCH, LENGTH, WIDTH, TOKENS] = [16, 8, 16, 10]

export interface TransformerArgs {
  rate?: number
  /** Targets of other sequences. */
  shuffled?: boolean
  /** Names of the variables that are left out of the list for the optimizer. */
  leaveOut?: string[]
  /** The second layer of the feed-forward part is made and not used. */
  skipFeedForward?: boolean
  scale?: number
  /** Attention is multiplied by a variable that starts at 0. */
  gated?: boolean
  /** A mask hides every position from every other. */
  masked?: boolean
  /** Steps over which the learning rate rises from 0. */
  warmup?: number
  monitor?: MonitorArgs
}

/** One block of self-attention and feed-forward layers on tf.Variables; it learns to reverse sequences. */
export async function transformerFindings({
  rate = 3e-3,
  shuffled = false,
  leaveOut = [],
  skipFeedForward = false,
  scale = 1,
  gated = false,
  masked = false,
  warmup = 0,
  monitor: args = {},
}: TransformerArgs = {}): Promise<Finding[]> {
  const random = seededRandom(8)
  let seed = seeded(20)
  const weight = (name: string, rows: number, columns: number) =>
    tf.variable(
      tf.mul(tf.randomNormal([rows, columns], 0, Math.sqrt(1 / rows), 'float32', seed++), scale),
      true,
      `${name}/weights`,
    )
  const embed = tf.variable(tf.randomNormal([TOKENS, WIDTH], 0, 0.5, 'float32', seeded(1)), true)
  const position = tf.variable(tf.randomNormal([1, LENGTH, WIDTH], 0, 0.5, 'float32', seeded(2)), true)
  const gate = tf.variable(tf.scalar(gated ? 0 : 1), gated, 'gate')
  const weights = {
    query: weight('query', WIDTH, WIDTH),
    key: weight('key', WIDTH, WIDTH),
    value: weight('value', WIDTH, WIDTH),
    up: weight('up', WIDTH, 2 * WIDTH),
    down: weight('down', 2 * WIDTH, WIDTH),
    out: weight('out', WIDTH, TOKENS),
  }
  const times = (x: tf.Tensor, matrix: tf.Tensor) =>
    tf.reshape(tf.matMul(tf.reshape(x, [-1, matrix.shape[0]!]), matrix as tf.Tensor2D), [
      ...x.shape.slice(0, -1),
      matrix.shape[1]!,
    ])
  const normalize = (x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, -1, true)
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)))
  }
  const forward = (tokens: tf.Tensor2D) => {
    const onehot = tf.cast(tf.oneHot(tf.cast(tokens, 'int32'), TOKENS), 'float32')
    const x = tf.add(times(onehot, embed), position)
    const normed = normalize(x)
    const [q, k, v] = [times(normed, weights.query), times(normed, weights.key), times(normed, weights.value)]
    const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(WIDTH))
    const attention = tf.mul(tf.softmax(scores), masked ? 0 : 1)
    const mixed = tf.add(x, tf.mul(tf.matMul(attention, v), gate))
    if (skipFeedForward) return times(normalize(mixed), weights.out)
    const fed = tf.add(mixed, times(tf.relu(times(normalize(mixed), weights.up)), weights.down))
    return times(normalize(fed), weights.out)
  }
  const findings = await loopFindings({ task: { loss: 'categoricalCrossentropy' }, ...args }, (monitor) => {
    const optimizer = tf.train.adam(rate)
    monitor.attach({ optimizer, variables: [position, embed, gate, ...Object.values(weights)] })
    const list = [
      position,
      embed,
      ...(gated ? [gate] : []),
      ...Object.entries(weights).flatMap(([name, variable]) => (leaveOut.includes(name) ? [] : [variable])),
    ]
    return async (step) => {
      if (warmup > 0) setLearningRate(optimizer, rate * Math.min(1, step / warmup))
      const rows = Array.from({ length: BATCH }, () =>
        Array.from({ length: LENGTH }, () => Math.floor(TOKENS * random())),
      )
      const goal = rows.map((row) =>
        shuffled ? row.map(() => Math.floor(TOKENS * random())) : [...row].reverse(),
      )
      const [tokens, targets] = [
        tf.tensor2d(rows, undefined, 'int32'),
        tf.tidy(() => tf.cast(tf.oneHot(tf.tensor2d(goal, undefined, 'int32'), TOKENS), 'float32')),
      ]
      optimizer.minimize(
        () => tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(forward(tokens))), -1))) as tf.Scalar,
        false,
        list,
      )
      await monitor.step({ inputs: tokens, targets })
      tf.dispose([tokens, targets])
    }
  })
  tf.dispose([embed, position, gate, ...Object.values(weights)])
  return findings
}
