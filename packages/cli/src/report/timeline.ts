import { type Html, html } from './html.js'
import type { RunRecord } from './read-run.js'

const WIDTH = 800
const ROW = 22

/** When each rule of the monitors found something: a row per rule, a mark per finding, over the steps of the run. */
export function timelineSection({ findings, steps, metrics }: RunRecord): Html | undefined {
  if (findings.length === 0) return undefined
  const last = Math.max(1, metrics.at(-1)?.step ?? 0, ...findings.map(({ step }) => step))
  const end = Number.isFinite(steps) ? Math.max(steps, last) : last
  const rules = [...new Set(findings.map(({ rule }) => rule))]
  const left = 10 + 7.5 * Math.max(...rules.map((rule) => rule.length))
  const at = (step: number) => left + (step / end) * (WIDTH - left - 10)
  const rows = rules.map((rule, index) => {
    const y = ROW * (index + 0.5)
    const marks = findings
      .filter((finding) => finding.rule === rule)
      .map(
        ({ step, severity, message }) =>
          html`<circle cx="${at(step).toFixed(1)}" cy="${y}" r="5" fill="var(--${severity === 'info' ? 'quiet' : severity})"><title>step ${step}: ${message}</title></circle>`,
      )
    return html`<text x="0" y="${y + 4}" font-size="13" fill="currentColor">${rule}</text>
<line x1="${left}" x2="${WIDTH - 10}" y1="${y}" y2="${y}" stroke="var(--rule)"/>${marks}`
  })
  const height = ROW * rules.length + 18
  return html`<section id="timeline"><h2>Findings over time</h2><div class="card"><svg class="timeline" viewBox="0 0 ${WIDTH} ${height}"
 role="img" aria-label="Steps of findings: ${rules.join(', ')}">${rows}
<text x="${left}" y="${height - 2}" font-size="12" fill="currentColor">0</text>
<text x="${WIDTH - 10}" y="${height - 2}" font-size="12" fill="currentColor" text-anchor="end">step ${end}</text></svg></div></section>`
}
