import { format, list } from '@dlkit/monitors/tools'
import type * as tf from '@tensorflow/tfjs-core'
import type { layers } from '@tensorflow/tfjs-layers'
import { type Judgement, pass, worst } from './check-result.js'
import { defineCheck } from './define-check.js'
import type { Trainee } from './player.js'
import { listOf } from './samples.js'
import { allFinite, statisticsOf, valuesOf } from './statistics.js'

/** Root mean square of a feature, and distance of its mean from 0 in standard deviations. */
const [LARGE, SMALL, OFF_CENTRE] = [20, 1e-3, 10]

const SCALE =
  'First scale the inputs to zero mean and unit variance, or to [-1, 1] (pictures: x / 127.5 − 1), with the statistics of the training set.'

/** Inputs are numbers, near zero mean and unit size, and differ from each other; tokens are numbers of words that exist. */
export const inputs = defineCheck('inputs', 'P10', async ({ data, trainees }) => {
  const words = vocabularies(trainees[0])
  const judgements: Judgement[] = []
  const tensors = listOf(data.inputs)
  for (const [index, tensor] of tensors.entries()) {
    const name = tensors.length > 1 ? `inputs[${index}]` : 'inputs'
    judgements.push(await judge(name, tensor, words[index]))
  }
  return worst(judgements as [Judgement, ...Judgement[]])
})

/** For each input of a model, how many words its embedding knows; undefined where it goes elsewhere. */
function vocabularies({ model }: Trainee): (number | undefined)[] {
  return (model?.inputLayers ?? []).map((input: layers.Layer) => {
    const readers = input.outboundNodes.map(({ outboundLayer }) => outboundLayer)
    const embedding = readers.find((layer) => layer.getClassName() === 'Embedding')
    return embedding && (embedding.getConfig() as { inputDim: number }).inputDim
  })
}

const fail = (evidence: string, next: string): Judgement => ({ verdict: 'fail', evidence, next })

async function judge(name: string, tensor: tf.Tensor, words: number | undefined): Promise<Judgement> {
  if (tensor.dtype === 'string') {
    return fail(
      `The ${name} are strings.`,
      'First turn them into numbers: tokens, or one column for each category.',
    )
  }
  if (!(await allFinite(tensor))) {
    return fail(
      `The ${name} contain NaN or infinity.`,
      'First look for empty cells, a division by a spread of 0, or a logarithm of 0 in the preprocessing.',
    )
  }
  const values = await valuesOf(tensor)
  const all = statisticsOf(values)
  const { mean, std, min, max } = all
  const range = `mean ${format(mean)}, standard deviation ${format(std)}, from ${format(min)} to ${format(max)}`
  if (min === max && values.length > 1 && (tensor.shape[0] ?? 1) > 1) {
    return fail(
      `The ${name} are all ${format(min)}.`,
      'First print a batch as the network gets it: files that failed to load, a column that was overwritten, a scaler with the wrong axis.',
    )
  }
  if (words !== undefined) return judgeWords(name, values, { min, max }, words)
  if (tensor.dtype !== 'float32')
    return pass(`The ${name} are whole numbers from ${format(min)} to ${format(max)}.`)
  const numbers = { mean, std, min, max }
  const warn = (fault: string): Judgement => ({
    verdict: 'warn',
    evidence: `The ${name} ${fault}: ${range}.`,
    next: SCALE,
    values: numbers,
  })
  if (all.rms > LARGE) return warn('are not scaled')
  if (all.rms < SMALL) return warn('are almost 0')
  if (Math.abs(mean) > OFF_CENTRE * std) return warn('are not centred')
  const columns = tensor.rank === 2 ? largeColumns(values, tensor.shape[1]!) : []
  if (columns.length > 0)
    return warn(`have features that are not scaled (${list(columns.map(String))}, counted from 0)`)
  return pass(`The ${name} have ${range}.`, numbers)
}

function largeColumns(values: ArrayLike<number>, columns: number): number[] {
  const rows = values.length / columns
  return Array.from({ length: columns }, (_, column) => column).filter((column) => {
    const own = Float64Array.from({ length: rows }, (_, row) => values[row * columns + column]!)
    return statisticsOf(own).rms > LARGE
  })
}

function judgeWords(
  name: string,
  values: ArrayLike<number>,
  { min, max }: { min: number; max: number },
  words: number,
): Judgement {
  if (min < 0 || max >= words || Array.from(values).some((value) => !Number.isInteger(value))) {
    return fail(
      `The ${name} go from ${format(min)} to ${format(max)}; the embedding knows words 0 to ${words - 1}.`,
      'First compare the size of the vocabulary with inputDim: the largest number plus 1, padding included.',
    )
  }
  return pass(`The ${name} are words ${min} to ${max} of ${words}.`)
}
