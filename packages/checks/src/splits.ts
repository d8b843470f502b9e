import { format, percent } from '@dlkit/monitors/tools'
import { pass, skipped } from './check-result.js'
import { defineCheck } from './define-check.js'
import { listOf, type Samples } from './samples.js'
import { type Statistics, statisticsOf, valuesOf } from './statistics.js'

/** Share of equal samples from which the validation says nothing any more. */
const MANY = 0.01
/** Share of a training set that repeats itself: samples with few possible values are equal by chance. */
const REPEATS = 0.2
/** Standard deviations of the training inputs by which the mean of another set may lie beside theirs, and their ratio. */
const [MOVED, SPREAD] = [3, 10]

/** No sample of the validation or test set is in the training set, and all sets have samples of the same form and scale. */
export const splits = defineCheck('splits', 'P29', async ({ data }) => {
  const { validation, test } = data
  const others = Object.entries({ validation, test, 'validation and test': undefined }).flatMap(
    ([name, samples]) => (samples ? [{ name, samples }] : []),
  )
  if (others.length === 0)
    return skipped('There is only one set.', 'Pass validation (and test) with the data.')
  for (const { name, samples } of others) {
    const difference = differentForm(data, samples)
    if (difference !== undefined) {
      return {
        verdict: 'fail',
        evidence: `The ${name} set has another form than the training set: ${difference}.`,
        next: 'First run the same preprocessing on all sets.',
      }
    }
  }
  const scales = await scalesOf(data)
  for (const { name, samples } of others) {
    const otherScale = differentScale(scales, await scalesOf(samples))
    if (otherScale !== undefined) {
      return {
        verdict: 'warn',
        evidence: `The inputs of the ${name} set have ${otherScale}.`,
        next: 'First scale all sets with the statistics of the training set; if they are, the sets come from different sources.',
      }
    }
  }
  const training = await rowsOf(data)
  const known = new Set(training)
  const repeats = 1 - known.size / training.length
  const overlaps: { name: string; share: number; count: number }[] = []
  for (const { name, samples } of others) {
    const rows = await rowsOf(samples)
    const count = rows.filter((row) => known.has(row)).length
    overlaps.push({ name, count, share: count / rows.length })
  }
  if (validation && test) {
    const [seen, rows] = [new Set(await rowsOf(validation)), await rowsOf(test)]
    const count = rows.filter((row) => seen.has(row)).length
    overlaps.push({ name: 'test (in validation)', count, share: count / rows.length })
  }
  const [most] = overlaps.sort((a, b) => b.share - a.share)
  if (!most || most.count === 0) return pass(`No sample is in two of the ${1 + others.length} sets.`)
  const evidence = `${format(most.count)} samples (${percent(most.share)}) of the ${most.name} set are in another set, too.`
  if (repeats > REPEATS)
    return pass(`${evidence} ${percent(repeats)} of the training samples repeat others anyway.`)
  return {
    verdict: most.share > MANY ? 'fail' : 'warn',
    evidence,
    next: 'First remove repeated samples, then split; keep samples of one source (person, page, scene) in one set.',
    values: { share: most.share, count: most.count },
  }
})

function differentForm(training: Samples, other: Samples): string | undefined {
  for (const part of ['inputs', 'targets'] as const) {
    const [own, theirs] = [listOf(training[part]), listOf(other[part])]
    if (own.length !== theirs.length) return `${own.length} and ${theirs.length} tensors of ${part}`
    for (const [index, { shape, dtype }] of own.entries()) {
      const that = theirs[index]!
      const same = shape.slice(1).join() === that.shape.slice(1).join() && dtype === that.dtype
      if (!same) return `${part} ${dtype} [${shape}] and ${that.dtype} [${that.shape}]`
    }
  }
  return undefined
}

/** Statistics of each input; undefined for words. */
const scalesOf = ({ inputs }: Samples): Promise<(Statistics | undefined)[]> =>
  Promise.all(
    listOf(inputs).map(async (tensor) =>
      tensor.dtype === 'float32' ? statisticsOf(await valuesOf(tensor)) : undefined,
    ),
  )

type Scales = Awaited<ReturnType<typeof scalesOf>>

/** Where all values of an input together lie in quite another range; undefined where they do not. */
function differentScale(training: Scales, other: Scales): string | undefined {
  for (const [index, own] of training.entries()) {
    const theirs = other[index]
    if (!own || !theirs) continue
    const { mean, std } = theirs
    const moved = Math.abs(mean - own.mean) > MOVED * own.std
    const spread = own.std > 0 && (std > SPREAD * own.std || std < own.std / SPREAD)
    if (moved || (spread && std > 0)) {
      return `mean ${format(mean)} and standard deviation ${format(std)}, those of training ${format(own.mean)} and ${format(own.std)}`
    }
  }
  return undefined
}

/** One text for each sample; equal inputs have equal texts. */
async function rowsOf({ inputs }: Samples): Promise<string[]> {
  const rows: string[] = []
  for (const tensor of listOf(inputs)) {
    const values = (await tensor.data()) as unknown as ArrayLike<number>
    const size = tensor.size / (tensor.shape[0] || 1)
    for (let row = 0; row < (tensor.shape[0] ?? 0); row++)
      rows[row] = `${rows[row] ?? ''}${hash(values, row * size, size)}`
  }
  return rows
}

/** 64 bits of the values, as two different sums of their bits (FNV-1a). */
function hash(values: ArrayLike<number>, start: number, size: number): string {
  const bits = new Uint32Array(
    Float32Array.from({ length: size }, (_, index) => values[start + index]!).buffer,
  )
  let [low, high] = [0x811c9dc5, 0x01000193]
  for (const word of bits) {
    low = Math.imul(low ^ word, 0x01000193)
    high = Math.imul(high ^ ((word << 13) | (word >>> 19)), 0x85ebca6b)
    low ^= low >>> 15
    high ^= high >>> 13
  }
  return `${(low >>> 0).toString(36)}.${(high >>> 0).toString(36)} `
}
