import type { DriftReport, FeatureDrift } from './drift-report.js'

const COLUMNS: readonly [title: string, cell: (feature: FeatureDrift) => string][] = [
  ['feature', ({ feature }) => feature.replaceAll('|', '\\|')],
  ['drift', ({ drifted }) => (drifted ? 'YES' : 'no')],
  ['decided by', ({ decidedBy }) => decidedBy],
  ['KS', ({ ks }) => ks.statistic.toFixed(3)],
  ['p', ({ ks }) => (ks.pValue < 0.0001 ? '<0.0001' : ks.pValue.toFixed(4))],
  ['Wasserstein', ({ wasserstein }) => wasserstein.toPrecision(3)],
  ['PSI', ({ psi }) => `${psi.value.toFixed(3)} ${psi.level}`],
  ['outside', ({ outsideRange }) => percent(outsideRange)],
  ['missing', ({ missing }) => `${percent(missing.train)} → ${percent(missing.live)}`],
  ['rows', ({ rows }) => `${rows.train} → ${rows.live}`],
]

/** A drift report as a Markdown table, aligned for a terminal, with a line on all the data above it. */
export function driftTable(report: DriftReport): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...report.features.map((feature) => COLUMNS.map(([, cell]) => cell(feature))),
  ]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  const [titles, ...body] = rows.map(line)
  return [driftSummary(report), '', titles, line(widths.map((width) => '-'.repeat(width))), ...body].join(
    '\n',
  )
}

/** One line: how many features drifted, and which. */
export function driftSummary({ drifted, driftedFeatures, features, share }: DriftReport): string {
  const count = `${driftedFeatures.length} of ${features.length} features drifted (${percent(share)})`
  const names = driftedFeatures.length > 0 ? `: ${driftedFeatures.join(', ')}` : ''
  return `${drifted ? 'Drift' : 'No drift'} of the data as a whole. ${count}${names}.`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
}
