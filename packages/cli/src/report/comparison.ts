import type { Evaluation } from '@dlkit/gan-colorize'
import { formatNumber, count as pictures } from '../output/format.js'
import type { OwnEvaluation } from '../training/train-own.js'

export interface Comparison {
  title: string
  /** Names of the measures. */
  measures: string[]
  /** The model, then the baselines; a value for each measure. */
  rows: { name: string; values: string[] }[]
  /** Which baselines the model beats, in both measures; in words. */
  verdict: string
  /** How colourful the model's pictures are beside the artist's; absent in evaluations of earlier versions. */
  colourLine?: string
}

/** With fewer, a difference is chance. */
const FEWEST_PICTURES = 5

type Quality = Evaluation['model']
type Colours = Evaluation['colours']['artist']

/** Evaluations that an earlier version wrote have no colours, and no distances of colours. */
type ComparedEvaluation = Omit<Evaluation, 'colours'> & Partial<Pick<Evaluation, 'colours'>>

export type AnyEvaluation = ComparedEvaluation | OwnEvaluation

/** An evaluation in words and rows, for the terminal and the report. */
export function comparison(evaluation: AnyEvaluation): Comparison {
  return isOfColours(evaluation) ? comparisonOfColours(evaluation) : comparisonOfSamples(evaluation)
}

function isOfColours(evaluation: AnyEvaluation): evaluation is ComparedEvaluation {
  return 'lineArt' in evaluation.baselines
}

function comparisonOfSamples({ split, count, model, baselines }: OwnEvaluation): Comparison {
  const measures = Object.keys(model)
  const contenders = Object.entries(baselines)
  const [loss] = measures
  const verdicts = contenders.map(([name, values]) => {
    const isBetter = loss !== undefined && model[loss]! < (values[loss] ?? Number.NaN)
    return `${isBetter ? 'beats' : 'does not beat'} ${name}`
  })
  return {
    title: `Samples of the ${split} set (${count}), a lower ${loss ?? 'loss'} is better`,
    measures,
    rows: [['model', model] as const, ...contenders].map(([name, values]) => ({
      name,
      values: measures.map((measure) => {
        const value = values[measure]
        return value === undefined ? '' : formatNumber(value)
      }),
    })),
    verdict: verdicts.length > 0 ? `The model ${verdicts.join(' and ')}.` : '',
  }
}

function comparisonOfColours(evaluation: ComparedEvaluation): Comparison {
  const { split, count, model, strokes = [], baselines, colours } = evaluation
  const contenders = [
    { name: 'line art as it is', quality: baselines.lineArt },
    { name: 'mean training colour', quality: baselines.meanColour },
  ]
  const verdicts = contenders.map(({ name, quality }) => {
    const won = [
      ...(model.psnr > quality.psnr ? ['PSNR'] : []),
      ...(model.ssim > quality.ssim ? ['SSIM'] : []),
    ]
    return won.length === 2
      ? `beats ${name}`
      : `${won.length === 1 ? `beats only the ${won[0]} of` : 'does not beat'} ${name}`
  })
  const rows: { name: string; quality: Quality; colours?: Colours | undefined }[] = [
    { name: 'model', quality: model, colours: colours?.model },
    ...strokes.map(({ count, model, colours }) => ({
      name: `model, ${pictures(count, 'stroke')}`,
      quality: model,
      colours,
    })),
    ...contenders,
  ]
  return {
    title:
      `Held-out pictures (${split}, ${count}): PSNR and SSIM higher, ΔE and bleeding lower is better; ` +
      "chroma and hues are shares of the artist's",
    measures: ['PSNR (dB)', 'SSIM', 'ΔE76', 'ΔE2000', 'bleeding', 'chroma', 'hues'],
    rows: rows.map(({ name, quality, colours: own }) => ({
      name,
      values: valuesOf(quality, own, colours?.artist),
    })),
    verdict:
      count < FEWEST_PICTURES
        ? `On only ${pictures(count, 'held-out picture')} these numbers say nothing about other drawings.`
        : `The model ${verdicts.join(' and ')}.`,
    ...(colours && { colourLine: describeColours(colours) }),
  }
}

function valuesOf(quality: Quality, colours: Partial<Colours> = {}, artist: Partial<Colours> = {}): string[] {
  const share = (measure: 'chroma' | 'hueEntropy') => {
    const [ours, theirs] = [colours[measure], artist[measure]]
    return ours === undefined || !theirs ? '' : `${Math.round((100 * ours) / theirs)} %`
  }
  return [
    quality.psnr.toFixed(2),
    quality.ssim.toFixed(3),
    quality.deltaE76?.toFixed(2) ?? '',
    quality.deltaE2000?.toFixed(2) ?? '',
    quality.bleeding?.toFixed(2) ?? '',
    share('chroma'),
    share('hueEntropy'),
  ]
}

function describeColours({ model, artist }: Evaluation['colours']): string {
  const parts = (['saturation', 'variety', 'spread'] as const).map(
    (measure) => `${measure} ${model[measure].toFixed(3)} (artist ${artist[measure].toFixed(3)})`,
  )
  return `Colours: ${parts.join(', ')}.`
}
