import type { DriftReport, FeatureDrift } from './drift-report.js'
import { driftSummary } from './drift-table.js'

const PANEL = { width: 280, height: 180 }
const MARGIN = 16
const HEADER = 56
const PLOT = { width: PANEL.width - 2 * MARGIN, height: 92, top: 56 }
const COLOURS = { train: '#4c78a8', live: '#e45756', text: '#222222', grid: '#cccccc' }

/**
 * A drift report as an SVG picture: for each feature the shares of training and live values in the bins of its PSI,
 * side by side. Up to `columns` features stand side by side.
 *
 * @throws {RangeError} when columns is no integer from 1.
 */
export function driftPicture(report: DriftReport, { columns = 3 }: { columns?: number } = {}): string {
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(`driftPicture: expected columns to be an integer from 1, got ${columns}. Try 3.`)
  }
  const across = Math.min(columns, report.features.length)
  const width = across * PANEL.width
  const height = HEADER + Math.ceil(report.features.length / across) * PANEL.height
  const panels = report.features.map((feature, index) => {
    const [x, y] = [(index % across) * PANEL.width, HEADER + Math.floor(index / across) * PANEL.height]
    return `<g transform="translate(${x} ${y})">${panel(feature)}</g>`
  })
  const { drifted, driftedFeatures, features } = report
  const title = `${drifted ? 'Drift' : 'No drift'} overall: ${driftedFeatures.length} of ${features.length} drifted`
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="sans-serif" role="img"><title>${escapeXml(driftSummary(report))}</title>` +
    `<rect width="${width}" height="${height}" fill="white"/>` +
    `${text(MARGIN, 22, title, 15)}${text(MARGIN, 42, '■ training', 11, COLOURS.train)}` +
    `${text(MARGIN + 70, 42, '■ live', 11, COLOURS.live)}${panels.join('')}</svg>`
  )
}

function panel(feature: FeatureDrift): string {
  const { histogram, ks, psi, wasserstein, drifted } = feature
  const numbers = `KS ${ks.statistic.toFixed(2)}  W ${wasserstein.toPrecision(2)}  PSI ${psi.value.toFixed(2)}`
  const name = feature.feature.length > 24 ? `${feature.feature.slice(0, 23)}…` : feature.feature
  const base = PLOT.top + PLOT.height
  return [
    text(MARGIN, 16, `${name}${drifted ? ' – drifted' : ''}`, 13, drifted ? COLOURS.live : COLOURS.text),
    text(MARGIN, 34, histogram.edges.length > 0 ? numbers : 'no live values', 11),
    `<line x1="${MARGIN}" y1="${base}" x2="${MARGIN + PLOT.width}" y2="${base}" stroke="${COLOURS.grid}"/>`,
    ...bars(histogram.train, histogram, COLOURS.train, 0.05),
    ...bars(histogram.live, histogram, COLOURS.live, 0.5),
    text(MARGIN, base + 14, histogram.edges.length > 0 ? shortNumber(histogram.edges[0]!) : '', 10),
    text(
      MARGIN + PLOT.width,
      base + 14,
      histogram.edges.length > 0 ? shortNumber(histogram.edges.at(-1)!) : '',
      10,
      COLOURS.text,
      'end',
    ),
  ].join('')
}

/** Bars of nearly half a bin's width: training values on the left, live ones on the right. */
function bars(
  shares: readonly number[],
  { train, live }: FeatureDrift['histogram'],
  colour: string,
  offset: number,
): string[] {
  const most = Math.max(...train, ...live)
  const step = PLOT.width / shares.length
  return shares.map((share, bin) => {
    const height = (share / most) * PLOT.height
    const [x, y] = [MARGIN + (bin + offset) * step, PLOT.top + PLOT.height - height]
    return `<rect x="${round(x)}" y="${round(y)}" width="${round(step * 0.45)}" height="${round(height)}" fill="${colour}"/>`
  })
}

function text(
  x: number,
  y: number,
  content: string,
  size: number,
  colour = COLOURS.text,
  anchor = 'start',
): string {
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${colour}" text-anchor="${anchor}">${escapeXml(content)}</text>`
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
