import { type Finding, format } from '../finding.js'
import type { Reading } from '../reading.js'
import { dataLossOf } from '../rules/loss-names.js'
import { LatestReading } from './layer-table.js'
import type { Sink } from './sink.js'

/** Options of `panelSink`. */
export interface PanelSinkArgs {
  /** Milliseconds between two drawings; 250 by default. Findings are drawn at once. */
  interval?: number
}

/** Losses that the chart shows. */
const POINTS = 500
const [WIDTH, HEIGHT] = [480, 120]

/** Draws a small live panel into an element of a page: loss, layers, findings. */
export function panelSink(element: { innerHTML: string }, { interval = 250 }: PanelSinkArgs = {}): Sink {
  const latest = new LatestReading()
  const findings: Finding[] = []
  let training: Point[] = []
  let validation: Point[] = []
  let drawnAt = Number.NEGATIVE_INFINITY

  const draw = () => {
    drawnAt = Date.now()
    element.innerHTML =
      `<div class="dlkit-monitor" style="font:13px/1.45 system-ui,sans-serif;max-width:42rem">` +
      `<div>${escapeHtml(latest.summary)}</div>${chart(training, validation)}${table(latest)}${findings.map(card).join('')}` +
      `${findings.length === 0 ? '<p style="opacity:.7">Nothing unusual so far.</p>' : ''}</div>`
  }
  return {
    reading(reading) {
      latest.add(reading)
      training = thin([...training, ...trainingPoints(reading)])
      if (reading.validation) validation = thin([...validation, [reading.step, reading.validation.loss]])
      if (Date.now() - drawnAt >= interval) draw()
    },
    finding(finding) {
      findings.push(finding)
      draw()
    },
    close: draw,
  }
}

type Point = [step: number, value: number]

function trainingPoints({ losses }: Reading): Point[] {
  return losses.flatMap(({ step, values }) => {
    const value = dataLossOf(values) ?? Object.values(values)[0]
    return value !== undefined && Number.isFinite(value) ? [[step, value] as Point] : []
  })
}

/** Every other point, once there are too many. */
function thin(points: Point[]): Point[] {
  return points.length > POINTS ? points.filter((_, index) => index % 2 === 0) : points
}

function chart(training: Point[], validation: Point[]): string {
  const all = [...training, ...validation]
  if (all.length < 2) return ''
  const [steps, values] = [all.map(([step]) => step), all.map(([, value]) => value)]
  const [left, right] = [Math.min(...steps), Math.max(...steps)]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const line = (points: Point[], colour: string) => {
    const path = points.map(([step, value]) => {
      const x = (WIDTH * (step - left)) / Math.max(1, right - left)
      const y = HEIGHT - (HEIGHT * (value - low)) / Math.max(1e-12, high - low)
      return `${x.toFixed(1)},${y.toFixed(1)}`
    })
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`
  }
  return (
    `<svg viewBox="0 -4 ${WIDTH} ${HEIGHT + 8}" role="img" aria-label="loss" style="width:100%;display:block">` +
    `${line(training, '#2a7de1')}${line(validation, '#d9822b')}</svg>` +
    `<div style="opacity:.7">loss from ${format(low)} to ${format(high)}, steps ${left} to ${right}` +
    `${validation.length > 0 ? '; <span style="color:#d9822b">validation</span>' : ''}</div>`
  )
}

function table({ rows }: LatestReading): string {
  if (rows.length === 0) return ''
  const cells = (values: string[], tag: 'td' | 'th') =>
    `<tr>${values
      .map(
        (value, index) =>
          `<${tag} style="text-align:${index === 0 ? 'left' : 'right'};padding:1px 8px 1px 0">${escapeHtml(value)}</${tag}>`,
      )
      .join('')}</tr>`
  const body = rows.map(({ name, gradient, update, activation, idle }) =>
    cells([name, gradient, update, activation, idle], 'td'),
  )
  const header = cells(['kernel', '‖gradient‖', '‖Δw‖/‖w‖', 'output mean ± σ', 'idle'], 'th')
  return `<table style="border-collapse:collapse;font-size:12px;margin:6px 0">${header}${body.join('')}</table>`
}

const COLOURS = { info: '#2a7de1', warning: '#d9822b', error: '#c23030' }

function card({ severity, step, rule, message, meaning, remedy }: Finding): string {
  return (
    `<div class="dlkit-finding" style="border-left:4px solid ${COLOURS[severity]};padding:4px 10px;margin:6px 0">` +
    `<b>${severity}</b> at step ${step} <span style="opacity:.7">(${escapeHtml(rule)})</span>: ${escapeHtml(message)} ` +
    `<span style="opacity:.85">${escapeHtml(meaning)}</span><br>→ ${escapeHtml(remedy)}</div>`
  )
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
