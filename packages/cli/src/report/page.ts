import { count, formatNumber } from '../output/format.js'
import { comparison } from './comparison.js'
import { type Html, html, trustedHtml } from './html.js'
import type { RunRecord } from './read-run.js'
import { reproductionSection } from './reproduction.js'
import {
  colorizedSection,
  curvesSections,
  evaluationSection,
  findingsSection,
  samplesSection,
  tableSection,
} from './sections.js'
import { style } from './style.js'
import { timelineSection } from './timeline.js'

/** The report of a run as one HTML file that fetches nothing. */
export function reportPage(run: RunRecord): string {
  const { resumed, ...environment } = run.environment
  const sections = [
    evaluationSection(run),
    samplesSection(run),
    colorizedSection(run),
    findingsSection(run),
    timelineSection(run),
    ...curvesSections(run),
    tableSection('configuration', 'Configuration', run.config),
    tableSection('environment', 'Engine and environment', environment),
    ...(Array.isArray(resumed) ? resumed : []).map((resume, index) =>
      tableSection(`resumed-${index + 1}`, 'Resumed', resume),
    ),
    tableSection('data', 'Data', run.dataset),
    reproductionSection(run),
  ]
  return documentOf({
    title: run.name,
    head: html`<p class="quiet">${subtitle(run)}</p>${facts(run)}`,
    sections,
    foot: attribution(run),
  })
}

interface DocumentParts {
  title: string
  head: Html
  sections: readonly (Html | undefined)[]
  foot?: Html | undefined
}

/** A page that fetches nothing. */
export function documentOf({ title, head, sections, foot }: DocumentParts): string {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title} · dlkit</title>
<style>${trustedHtml(style)}</style></head><body>
<header><h1>${title}</h1>${head}</header>
<main>${sections}</main>${foot}
</body></html>
`
  return page.text
}

function subtitle({ evaluation, metrics, steps }: RunRecord): string {
  const step = metrics.at(-1)?.step ?? 0
  const trained =
    step >= steps ? `Trained ${count(step, 'step')}` : `Trained ${step} of ${count(steps, 'step')}`
  if (!evaluation) return `${trained}, not evaluated yet.`
  return `${trained}, evaluated${evaluation.step === step ? '' : ` after step ${evaluation.step}`}.`
}

function facts({ evaluation, metrics, findings, engine }: RunRecord): Html {
  const { measures, rows } = evaluation ? comparison(evaluation) : { measures: [], rows: [] }
  const measured = measures.map((name, index): [string, string] => [name, rows[0]?.values[index] ?? ''])
  const items: [string, string][] = [
    ...measured,
    ['steps', formatNumber(metrics.at(-1)?.step ?? 0)],
    ['engine', engine],
    ['findings', String(findings.length)],
  ]
  return html`<ul class="facts">${items.map(([name, value]) => html`<li><span class="quiet">${name}</span><b>${value}</b></li>`)}</ul>`
}

function attribution({ dataset }: RunRecord): Html | undefined {
  const text = dataset?.attribution
  return typeof text === 'string' ? html`<footer><p class="quiet">${text}</p></footer>` : undefined
}
