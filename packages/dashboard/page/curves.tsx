import { useState } from 'preact/hooks'
import { Chart, type ChartLine } from './chart.js'
import { colourOf, dashOf } from './colours.js'
import type { Live } from './live.js'
import type { Settings, Zoom } from './settings.js'
import { useDetail } from './use-detail.js'

interface CurvesProps {
  live: Live
  chosen: readonly string[]
  settings: Settings
  change: (change: Partial<Settings>) => void
}

export function Curves({ live, chosen, settings, change }: CurvesProps) {
  const { axis, log, smoothing } = settings
  const [zoom, setZoom] = useState<Zoom>()
  const names = [...new Set(chosen.flatMap((id) => [...(live.points.get(id)?.metrics.keys() ?? [])]))]
  return (
    <>
      <div class="controls">
        <label>
          <input type="checkbox" checked={log} onChange={() => change({ log: !log })} /> Log scale
        </label>
        <label>
          Axis{' '}
          <select
            value={axis}
            onChange={(event) => {
              setZoom(undefined)
              change({ axis: event.currentTarget.value as Settings['axis'] })
            }}
          >
            <option value="step">step</option>
            <option value="time">time</option>
          </select>
        </label>
        <label>
          Smoothing{' '}
          <input
            type="range"
            min="0"
            max="0.99"
            step="0.01"
            value={smoothing}
            onInput={(event) => change({ smoothing: Number(event.currentTarget.value) })}
          />{' '}
          <output>{smoothing}</output>
        </label>
        {zoom && (
          <button type="button" onClick={() => setZoom(undefined)}>
            Show all
          </button>
        )}
      </div>
      {names.length === 0 && <p class="quiet">No numbers yet. Choose a run whose training has begun.</p>}
      <div class="grid">
        {names.map((name) => (
          <Metric key={name} {...{ live, chosen, settings, name, zoom, setZoom }} />
        ))}
      </div>
    </>
  )
}

interface MetricProps {
  live: Live
  chosen: readonly string[]
  settings: Settings
  name: string
  zoom: Zoom | undefined
  setZoom: (zoom: Zoom | undefined) => void
}

function Metric({ live, chosen, settings, name, zoom, setZoom }: MetricProps) {
  const { axis, log, smoothing } = settings
  const having = chosen.filter((id) => live.points.get(id)?.metrics.has(name))
  const detail = useDetail(having, name, axis === 'step' ? zoom : undefined, smoothing)
  const lines = having.map((id): ChartLine => {
    const points = detail.get(id) ?? live.points.get(id)!.metrics.get(name)!
    return {
      id,
      name: live.runs.find((run) => run.id === id)?.name ?? id,
      x: axis === 'step' ? points.steps : points.seconds,
      values: points.values,
      version: `${points.id} ${points.values.length}`,
      smooth: points.smooth,
      colour: colourOf(chosen, id),
      dash: dashOf(chosen, id),
    }
  })
  return <Chart title={name} unit={axis} lines={lines} log={log} zoom={zoom} onZoom={setZoom} />
}
