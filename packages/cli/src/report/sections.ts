import { count, formatNumber } from '../output/format.js'
import { lineChart, SERIES_COLOURS, type Series, seriesColour } from './chart.js'
import type { NamedChart } from './chart-files.js'
import { comparison } from './comparison.js'
import { type Html, html, trustedHtml } from './html.js'
import { metricGroups } from './metric-groups.js'
import type { RunRecord, SampleGrid } from './read-run.js'

export type Section = Html | undefined

/** With fewer, what the monitors do not see may well be there. */
const FEW_PICTURES = 16

/** How good the network is on pictures that it was not trained on. */
export function evaluationSection({ evaluation }: RunRecord): Section {
  if (!evaluation) return undefined
  const { title, measures, rows, verdict, colourLine } = comparison(evaluation)
  return html`<section id="evaluation"><h2>Evaluation</h2><p>${title}.</p><div class="scroll"><table>
<tr><th></th>${measures.map((measure) => html`<th class="number">${measure}</th>`)}</tr>
${rows.map(({ name, values }) => html`<tr><th>${name}</th>${values.map((value) => html`<td class="number">${value}</td>`)}</tr>`)}
</table></div>${verdict && html`<p>${verdict}</p>`}${colourLine && html`<p>${colourLine}</p>`}</section>`
}

/** What the monitors noticed, and what to do about it. */
export function findingsSection({ findings, dataset }: RunRecord): Section {
  const cards = findings.map(
    ({ severity, step, rule, message, meaning, remedy, practice }) => html`<div class="finding ${severity}">
<p><b>${severity}</b> at step ${step} <span class="quiet">(${rule}, ${practice})</span>: ${message}</p><p>${meaning}</p><p>${remedy}</p></div>`,
  )
  const pictures = dataset?.train
  const none =
    typeof pictures === 'number' && pictures < FEW_PICTURES
      ? html`<p class="quiet">The monitors named nothing, which says little: the run has only ${count(pictures, 'training picture')}.</p>`
      : html`<p class="quiet">The monitors noticed nothing unusual.</p>`
  return html`<section id="findings"><h2>Findings</h2>${cards.length > 0 ? cards : none}</section>`
}

/** First, some and last sample grids. */
export function samplesSection({ samples }: RunRecord): Section {
  if (samples.length === 0) return undefined
  return html`<section id="samples"><h2>Samples</h2>
<p class="quiet">Held-out drawings during training. Rows: line art, the network’s colours, averaged over the steps and
as it is, those with three strokes where it takes them, the artist’s colours.</p>${spread(samples, 5).map(figure)}</section>`
}

/** Held-out drawings that were coloured at the end. */
export function colorizedSection({ colorized }: RunRecord): Section {
  if (colorized.length === 0) return undefined
  return html`<section id="colorized"><h2>Coloured drawings</h2><div class="gallery">${colorized.map(
    ({ name, uri }) =>
      html`<figure><img src="${uri}" alt="${name}"><figcaption>${name}</figcaption></figure>`,
  )}</div></section>`
}

function figure({ step, uri }: SampleGrid): Html {
  return html`<figure><img src="${uri}" alt="Sample pictures at step ${step}"><figcaption>Step ${step}</figcaption></figure>`
}

/** The first, the last, and what lies evenly between them. */
function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!)
}

/** The curves of a run, in the groups and charts in which they are shown. */
export function chartsOf({ metrics }: Pick<RunRecord, 'metrics'>): { title: string; charts: NamedChart[] }[] {
  return metricGroups(metrics).map(({ title, logarithmic, series }) => {
    const charts = logarithmic ? chunks(series, SERIES_COLOURS) : series.map((one) => [one])
    return {
      title,
      charts: charts.map((together) => ({ title: titleOf(together), logarithmic, series: together })),
    }
  })
}

const titleOf = (series: readonly Series[]): string => series.map(({ name }) => name).join(', ')

/** A section for each group of metrics. */
export function curvesSections(run: RunRecord): Section[] {
  return chartsOf(run).map(({ title, charts }) => {
    const cards = charts.map((chart) => chartCard(chart))
    return html`<section class="curves"><h2>${title}</h2><div class="grid">${cards}</div></section>`
  })
}

/** A chart with its legend; a single curve is named by the title. */
export function chartCard({ title, logarithmic, series }: NamedChart): Html {
  const [only] = series
  const isTitled = series.length > 1 && title !== titleOf(series)
  const isAlone = series.length === 1 && only?.name === title
  const svg = lineChart({ series, logarithmic })
  const legend = html`<ul class="legend">${series.map(
    (one, index) =>
      html`<li><i style="background:${seriesColour(index)}"></i>${one.name} <span class="quiet">${lastValue(one)}</span></li>`,
  )}</ul>`
  return html`<div class="card">${(isAlone || isTitled) && html`<h3>${title}${isAlone && html`<span class="quiet"> ${lastValue(only!)}</span>`}</h3>`}
<div role="img" aria-label="${title} over the steps">${trustedHtml(svg)}</div>${!isAlone && legend}</div>`
}

function lastValue({ points }: Series): string {
  const last = points.at(-1)
  return last ? formatNumber(last[1]) : ''
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size)
  return starts.map((start) => items.slice(start, start + size))
}

/** A table of every value of an object, nested keys with dots. */
export function tableSection(id: string, title: string, values: unknown): Section {
  const rows = flatten(values)
  if (rows.length === 0) return undefined
  return html`<section id="${id}"><h2>${title}</h2><table class="values">${rows.map(
    ([key, value]) => html`<tr><th>${breakable(key)}</th><td>${value}</td></tr>`,
  )}</table></section>`
}

export function flatten(value: unknown, prefix = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[prefix, cellText(value)]]
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, prefix ? `${prefix}.${key}` : key))
}

/** `1, 2` for numbers, `first · second` for texts, `a.png: damaged` for the parts of an object. */
function cellText(value: unknown): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none'
    return value.map(cellText).join(value.every((item) => typeof item === 'number') ? ', ' : ' · ')
  }
  return typeof value === 'object' && value !== null
    ? Object.values(value).map(cellText).join(': ')
    : String(value)
}

/** Lets a narrow screen break a dotted key behind its dots. */
export function breakable(key: string): Html[] {
  return key.split('.').map((part, index) => html`${index > 0 && trustedHtml('.<wbr>')}${part}`)
}
