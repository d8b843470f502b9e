import Table from 'cli-table3'
import { type AnyEvaluation, comparison } from '../report/comparison.js'

/** The evaluation as a table, and a sentence that says which baselines the model beats. */
export function evaluationText(evaluation: AnyEvaluation): string {
  const { rows, measures, verdict, title, colourLine } = comparison(evaluation)
  const table = new Table({
    head: ['', ...measures],
    colAligns: ['left', ...measures.map(() => 'right' as const)],
    style: { head: [], border: [] },
  })
  for (const { name, values } of rows) table.push([name, ...values])
  return [title, table.toString(), verdict, colourLine].filter(Boolean).join('\n')
}
