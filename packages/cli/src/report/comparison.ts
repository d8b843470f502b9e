import type { Evaluation } from '@dlkit/gan-colorize'

export interface Comparison {
  title: string
  rows: { name: string; psnr: string; ssim: string }[]
  /** Which baselines the model beats, in both measures; in words. */
  verdict: string
}

/** An evaluation in words and rows, for the terminal and the report. */
export function comparison({ split, count, model, baselines }: Evaluation): Comparison {
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
  const rows = [{ name: 'model', quality: model }, ...contenders]
  return {
    title: `Held-out pictures (${split}, ${count}), higher is better`,
    rows: rows.map(({ name, quality }) => ({
      name,
      psnr: quality.psnr.toFixed(2),
      ssim: quality.ssim.toFixed(3),
    })),
    verdict: `The model ${verdicts.join(' and ')}.`,
  }
}
