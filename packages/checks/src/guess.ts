import type { LossKind } from './player.js'

export interface Guess {
  /** The loss of a network that has learned nothing: equal probabilities, or 0. */
  loss: number
  /** In words. */
  formula: string
  /** The lowest loss that the same answer for every sample can have. */
  constant: number
}

const mean = (values: ArrayLike<number>, of: (value: number) => number = (value) => value): number => {
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += of(values[index]!)
  return sum / Math.max(1, values.length)
}

const entropyTerm = (share: number): number => (share > 0 ? -share * Math.log(share) : 0)

function entropy(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.reduce((sum, count) => sum + entropyTerm(count / total), 0)
}

/** How often each class occurs: of class numbers, or the sums of the columns of one-hot rows. */
function classCounts(targets: ArrayLike<number>, classes: number, isSparse: boolean): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (let index = 0; index < targets.length; index++) {
    if (!isSparse) counts[index % classes]! += targets[index]!
    else if (counts[targets[index]!] !== undefined) counts[targets[index]!]!++
  }
  return counts
}

const crossEntropy = (targets: ArrayLike<number>, classes: number, isSparse: boolean): Guess => ({
  loss: Math.log(classes),
  formula: `−ln(1/${classes})`,
  constant: entropy(classCounts(targets, classes, isSparse)),
})

/** Of each column its own best constant. */
function binaryEntropy(targets: ArrayLike<number>, columns: number): number {
  const sums = classCounts(targets, columns, false)
  const rows = targets.length / columns
  return mean(sums.map((sum) => entropyTerm(sum / rows) + entropyTerm(1 - sum / rows)))
}

function variance(targets: ArrayLike<number>, columns: number): number {
  const sums = classCounts(targets, columns, false)
  const rows = targets.length / columns
  return mean(targets, (y) => y * y) - mean(sums.map((sum) => (sum / rows) ** 2))
}

const zeroGuess = (targets: ArrayLike<number>, ofError: (y: number) => number, constant: number): Guess => ({
  loss: mean(targets, ofError),
  formula: 'an output of 0',
  constant,
})

/**
 * What the loss is before anything has been learned.
 *
 * @param columns size of the last axis of the outputs: the number of classes.
 */
export function guess(kind: LossKind, targets: ArrayLike<number>, columns: number): Guess | undefined {
  switch (kind) {
    case 'categoricalCrossentropy':
      return columns > 1 ? crossEntropy(targets, columns, false) : undefined
    case 'sparseCategoricalCrossentropy':
      return columns > 1 ? crossEntropy(targets, columns, true) : undefined
    case 'binaryCrossentropy':
      return { loss: Math.LN2, formula: '−ln(1/2)', constant: binaryEntropy(targets, columns) }
    case 'hinge':
    case 'squaredHinge':
    case 'categoricalHinge':
      return { loss: 1, formula: 'an output of 0', constant: 0 }
    case 'meanSquaredError':
      return zeroGuess(targets, (y) => y * y, variance(targets, columns))
    case 'meanAbsoluteError':
      return zeroGuess(targets, Math.abs, 0)
    case 'logcosh':
      return zeroGuess(targets, (y) => Math.abs(y) + Math.log1p(Math.exp(-2 * Math.abs(y))) - Math.LN2, 0)
    case 'huber':
      return zeroGuess(targets, (y) => (Math.abs(y) <= 1 ? 0.5 * y * y : Math.abs(y) - 0.5), 0)
  }
}

/** The lowest loss there is: 0, or the entropy of targets that are probabilities. */
export function lowestLoss(kind: LossKind, targets: ArrayLike<number>, columns: number): number {
  const rows = targets.length / columns
  if (kind === 'categoricalCrossentropy') return mean(targets, entropyTerm) * columns
  if (kind === 'binaryCrossentropy') return mean(targets, (y) => entropyTerm(y) + entropyTerm(1 - y))
  return rows > 0 ? 0 : Number.NaN
}
