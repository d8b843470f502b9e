import { activationOf, format, percent } from '@dlkit/monitors/tools'
import type * as tf from '@tensorflow/tfjs-core'
import { type Judgement, pass, skipped, worst } from './check-result.js'
import { defineCheck } from './define-check.js'
import type { LossKind, Trainee } from './player.js'
import { listOf } from './samples.js'
import { allFinite, statisticsOf, valuesOf } from './statistics.js'
import { targetLeaks } from './target-leak.js'

/** Ratio of the most and the least frequent class (the practice's limit). */
const IMBALANCE = 10
/** Root mean square of the targets of a regression. */
const LARGE = 100

interface Wanted {
  name: string
  kind: LossKind | undefined
  /** Size of the last axis of the outputs. */
  columns: number | undefined
  /** Of the last layer. */
  activation: string | undefined
}

/** Targets are what the loss and the last layer can work with: classes that exist, values within reach, not all the same. */
export const targets = defineCheck('targets', 'P4', async ({ data, trainees }) => {
  const tensors = listOf(data.targets)
  if (tensors.length === 0)
    return skipped('There are no targets.', 'Pass targets with the data if the loss has any.')
  const rows = [...listOf(data.inputs), ...tensors].map(({ shape }) => shape[0])
  if (rows.some((count) => count !== rows[0])) {
    return fail(
      `Inputs and targets differ in their number of samples: ${rows.join(', ')}.`,
      'First find the step that drops or repeats samples on one side only; labels are shifted from there on.',
    )
  }
  const judgements: Judgement[] = []
  for (const [index, tensor] of tensors.entries()) {
    const name = tensors.length > 1 ? `targets[${index}]` : 'targets'
    judgements.push(await judge(tensor, { name, ...wantedBy(trainees[0], index) }))
  }
  judgements.push(...(await targetLeaks(data)))
  return worst(judgements as [Judgement, ...Judgement[]])
})

const fail = (evidence: string, next: string): Judgement => ({ verdict: 'fail', evidence, next })

function wantedBy({ model, kinds }: Trainee, index: number): Omit<Wanted, 'name'> {
  const layer = model?.outputLayers?.[index]
  const columns = model?.outputs[index]?.shape.at(-1) ?? undefined
  return { kind: kinds[index], columns, activation: layer && activationOf(layer) }
}

const isOfClasses = (kind: LossKind | undefined): boolean =>
  kind === 'categoricalCrossentropy' || kind === 'categoricalHinge' || kind === 'binaryCrossentropy'

async function judge(tensor: tf.Tensor, wanted: Wanted): Promise<Judgement> {
  const { name, kind, columns = tensor.shape.at(-1) ?? 1 } = wanted
  if (!(await allFinite(tensor))) {
    return fail(
      `The ${name} contain NaN or infinity.`,
      'First look for samples without a label, and for a division by 0.',
    )
  }
  const values = await valuesOf(tensor)
  const { min, max, rms } = statisticsOf(values)
  const range = `from ${format(min)} to ${format(max)}`
  if (min === max && (tensor.shape[0] ?? 1) > 1 && !kind?.startsWith('sparse')) {
    return fail(
      `The ${name} are all ${format(min)}: there is nothing to learn.`,
      'First print some labels as they come from the source, and after each step of the preprocessing.',
    )
  }
  const width = tensor.rank > 1 ? tensor.shape.at(-1)! : 1
  const isSparse = kind === 'sparseCategoricalCrossentropy'
  if (
    isSparse ? width === columns && columns > 1 && tensor.rank > 1 : isOfClasses(kind) && width !== columns
  ) {
    return fail(
      `The ${name} have ${width} columns, the outputs ${columns}${isSparse ? ', and the loss wants class numbers' : ''}.`,
      'First count the classes: one-hot rows and outputs have one column for each; class numbers have one column and need a sparse loss.',
    )
  }
  switch (kind) {
    case 'sparseCategoricalCrossentropy':
      return judgeClassNumbers(values, wanted, columns)
    case 'categoricalCrossentropy':
    case 'categoricalHinge':
      return judgeRows(values, wanted, columns)
    case 'binaryCrossentropy':
      if (min < 0 || max > 1) {
        return fail(
          `The ${name} go ${range}; binary cross-entropy wants 0 to 1.`,
          'First map the labels to 0 and 1 (from −1 and 1: (y + 1) / 2; pictures: y / 255).',
        )
      }
      return pass(`The ${name} go ${range}.`)
    case 'hinge':
    case 'squaredHinge':
      if (Array.from(values).some((value) => Math.abs(value) !== 1)) {
        return fail(`The ${name} go ${range}; hinge wants −1 and 1.`, 'First map the labels: 2 · y − 1.')
      }
      return pass(`The ${name} are −1 and 1.`)
    default:
      return judgeNumbers({ min, max, rms }, wanted, range)
  }
}

function judgeClassNumbers(
  values: ArrayLike<number>,
  { name, columns: known }: Wanted,
  columns: number,
): Judgement {
  const { min, max } = statisticsOf(values)
  const classes = known ?? max + 1
  if (min < 0 || max >= classes || Array.from(values).some((value) => !Number.isInteger(value))) {
    return fail(
      `The ${name} go from ${format(min)} to ${format(max)}; class numbers are 0 to ${columns - 1}.`,
      'First count classes from 0, and give the last layer one unit for each.',
    )
  }
  const counts = new Array<number>(classes).fill(0)
  for (let index = 0; index < values.length; index++) counts[values[index]!]!++
  return judgeBalance(counts, name)
}

function judgeRows(values: ArrayLike<number>, { name }: Wanted, columns: number): Judgement {
  const counts = new Array<number>(columns).fill(0)
  for (let start = 0; start < values.length; start += columns) {
    let sum = 0
    for (let column = 0; column < columns; column++) {
      const value = values[start + column]!
      if (value < 0) return notOneHot(name)
      counts[column]! += value
      sum += value
    }
    if (Math.abs(sum - 1) > 1e-3) return notOneHot(name)
  }
  return judgeBalance(counts, name)
}

const notOneHot = (name: string): Judgement =>
  fail(
    `The ${name} are no rows of shares that add up to 1, which cross-entropy wants.`,
    'First make them one-hot (tf.oneHot), or use sparseCategoricalCrossentropy for class numbers and binaryCrossentropy for several labels at once.',
  )

function judgeBalance(counts: readonly number[], name: string): Judgement {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const seen = `The ${name} name ${counts.length} classes; the rarest has ${percent(least / total)}, the most frequent ${percent(most / total)}.`
  const values = { classes: counts.length, least: least / total, most: most / total }
  if (most <= IMBALANCE * least) return pass(seen, values)
  if (most === total) {
    return { ...fail(seen, 'First check how labels are read: all samples have the same class.'), values }
  }
  return {
    verdict: 'warn',
    evidence: seen,
    next: 'First check that no class was lost; then weigh classes (classWeight), or repeat samples of rare ones.',
    values,
  }
}

const reach: Readonly<Record<string, [low: number, high: number]>> = {
  sigmoid: [0, 1],
  softmax: [0, 1],
  tanh: [-1, 1],
  relu: [0, Number.POSITIVE_INFINITY],
}

function judgeNumbers(
  { min, max, rms }: { min: number; max: number; rms: number },
  { name, kind, activation }: Wanted,
  range: string,
): Judgement {
  const [low, high] = reach[activation ?? ''] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  if (min < low - 1e-6 || max > high + 1e-6) {
    return fail(
      `The ${name} go ${range}; the last layer (${activation}) reaches ${format(low)} to ${high === Number.POSITIVE_INFINITY ? 'infinity' : format(high)} only.`,
      'First scale the targets into that range, or leave the activation of the last layer away.',
    )
  }
  if (kind !== undefined && rms > LARGE) {
    return {
      verdict: 'warn',
      evidence: `The ${name} are large: they go ${range}.`,
      next: 'First scale the targets to zero mean and unit variance with the statistics of the training set, and turn predictions back with the same numbers.',
      values: { min, max, rms },
    }
  }
  return pass(`The ${name} go ${range}.`)
}
