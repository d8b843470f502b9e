import type { Evaluation } from '@dlkit/gan-colorize'
import Table from 'cli-table3'
import { comparison } from '../report/comparison.js'

/** The evaluation as a table, and a sentence that says which baselines the model beats. */
export function evaluationText(evaluation: Evaluation): string {
  const { rows, verdict, title, colourLine } = comparison(evaluation)
  const table = new Table({
    head: ['', 'PSNR (dB)', 'SSIM'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  })
  for (const row of rows) table.push([row.name, row.psnr, row.ssim])
  return [title, table.toString(), verdict, colourLine].filter(Boolean).join('\n')
}
