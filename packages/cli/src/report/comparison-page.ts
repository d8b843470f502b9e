import { count, formatNumber } from '../output/format.js'
import type { NamedChart } from './chart-files.js'
import { comparison } from './comparison.js'
import { type Html, html } from './html.js'
import { metricGroups } from './metric-groups.js'
import { documentOf } from './page.js'
import type { RunRecord } from './read-run.js'
import { breakable, chartCard, flatten, type Section } from './sections.js'

/** Several runs beside each other, as one HTML file that fetches nothing. @param runs with names that differ. */
export function comparisonPage(runs: readonly RunRecord[]): string {
  return documentOf({
    title: `Comparison of ${count(runs.length, 'run')}`,
    head: html`<p class="quiet">${runs.map(({ name }) => name).join(', ')}</p>`,
    sections: [
      measuresSection(runs),
      differencesSection('configuration', 'Where configurations differ', runs, ({ config }) => config),
      differencesSection('environment', 'Where engine and environment differ', runs, environmentOf),
      ...curvesSections(runs),
      samplesSection(runs),
      findingsSection(runs),
    ],
  })
}

/** One chart for each metric, with a curve of each run that has it. */
export function comparedCharts(runs: readonly RunRecord[]): { title: string; charts: NamedChart[] }[] {
  const sections = new Map<string, Map<string, NamedChart>>()
  for (const { name: run, metrics } of runs) {
    for (const { title, logarithmic, series } of metricGroups(metrics)) {
      const charts = sections.get(title) ?? new Map<string, NamedChart>()
      sections.set(title, charts)
      for (const { name, points } of series) {
        const chart = charts.get(name) ?? { title: name, logarithmic, series: [] }
        chart.series.push({ name: run, points })
        charts.set(name, chart)
      }
    }
  }
  return [...sections].map(([title, charts]) => ({ title, charts: [...charts.values()] }))
}

function measuresSection(runs: readonly RunRecord[]): Html {
  const compared = runs.map(({ evaluation }) => evaluation && comparison(evaluation))
  const measures = [...new Set(compared.flatMap((one) => one?.measures ?? []))]
  const rows = runs.map(({ name, metrics, steps, engine, findings }, index) => {
    const own = compared[index]
    const value = (measure: string) => own?.rows[0]?.values[own.measures.indexOf(measure)] ?? ''
    const step = metrics.at(-1)?.step ?? 0
    const trained = step >= steps ? formatNumber(step) : `${step} of ${steps}`
    return html`<tr><th>${name}</th>${measures.map((measure) => html`<td class="number">${value(measure)}</td>`)}
<td class="number">${trained}</td><td>${engine}</td><td class="number">${findings.length}</td></tr>`
  })
  const verdicts = runs.map(({ name }, index) => {
    const verdict = compared[index]?.verdict
    return html`<li>${name}: ${verdict || 'not evaluated.'}</li>`
  })
  return html`<section id="measures"><h2>Measures</h2><div class="scroll"><table>
<tr><th></th>${measures.map((measure) => html`<th class="number">${measure}</th>`)}<th class="number">steps</th><th>engine</th><th class="number">findings</th></tr>
${rows}</table></div><ul>${verdicts}</ul></section>`
}

/** The times of a run differ always and say nothing. */
function environmentOf({ environment }: RunRecord): unknown {
  const { started, resumed, ...rest } = environment
  return rest
}

function differencesSection(
  id: string,
  title: string,
  runs: readonly RunRecord[],
  part: (run: RunRecord) => unknown,
): Html {
  const tables = runs.map((run) => new Map(flatten(part(run))))
  const keys = [...new Set(tables.flatMap((table) => [...table.keys()]))]
  const differing = keys.filter((key) => new Set(tables.map((table) => table.get(key))).size > 1)
  if (differing.length === 0)
    return html`<section id="${id}"><h2>${title}</h2><p class="quiet">Nowhere.</p></section>`
  return html`<section id="${id}"><h2>${title}</h2><div class="scroll"><table>
<tr><th></th>${runs.map(({ name }) => html`<th>${name}</th>`)}</tr>
${differing.map((key) => html`<tr><th>${breakable(key)}</th>${tables.map((table) => html`<td>${table.get(key) ?? '–'}</td>`)}</tr>`)}
</table></div></section>`
}

function curvesSections(runs: readonly RunRecord[]): Section[] {
  return comparedCharts(runs).map(
    ({ title, charts }) =>
      html`<section class="curves"><h2>${title}</h2><div class="grid">${charts.map(chartCard)}</div></section>`,
  )
}

function samplesSection(runs: readonly RunRecord[]): Section {
  const last = runs.flatMap(({ name, samples }) => samples.slice(-1).map((sample) => ({ name, ...sample })))
  if (last.length === 0) return undefined
  return html`<section id="samples"><h2>Last samples</h2>${last.map(
    ({ name, step, uri }) =>
      html`<figure><img src="${uri}" alt="Sample pictures of ${name} at step ${step}"><figcaption>${name}, step ${step}</figcaption></figure>`,
  )}</section>`
}

function findingsSection(runs: readonly RunRecord[]): Html {
  return html`<section id="findings"><h2>Findings</h2>${runs.map(
    ({ name, findings }) =>
      html`<h3>${name}</h3>${findings.length === 0 && html`<p class="quiet">None.</p>`}${findings.map(
        ({ severity, step, rule, message }) =>
          html`<div class="finding ${severity}"><p><b>${severity}</b> at step ${step} <span class="quiet">(${rule})</span>: ${message}</p></div>`,
      )}`,
  )}</section>`
}
