import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { align } from './align.js'
import { colour, useScheme } from './colours.js'
import { duration, number } from './format.js'
import type { Zoom } from './settings.js'

export interface ChartLine {
  id: string
  name: string
  x: readonly number[]
  values: readonly number[]
  /** The moving average; empty without smoothing. */
  smooth: readonly number[]
  /** Changes when the points do. */
  version: string
  /** A custom property. */
  colour: string
  dash: number[]
}

interface ChartProps {
  title: string
  unit: 'step' | 'time'
  lines: ChartLine[]
  log: boolean
  zoom: Zoom | undefined
  onZoom: (zoom: Zoom | undefined) => void
}

const HEIGHT = 220
const LISTED = 8

/** Curves of one metric, the latest values beside them. Dragging zooms, a double click shows all. */
export function Chart({ title, unit, lines, log, zoom, onZoom }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | undefined>(undefined)
  const [cursor, setCursor] = useState<number>()
  const isDark = useScheme()
  const hasRaw = lines.some(({ smooth }) => smooth.length === 0) || lines.length <= LISTED
  const layers = [
    ...(hasRaw ? lines.map((line) => ({ line, y: line.values, isFaint: line.smooth.length > 0 })) : []),
    ...lines.flatMap((line) => (line.smooth.length > 0 ? [{ line, y: line.smooth, isFaint: false }] : [])),
  ]
  const versions = JSON.stringify([lines.map(({ id, version }) => [id, version]), unit, log])
  const data = useMemo(
    () =>
      align(
        layers.map(({ line, y }) => ({
          x: line.x,
          y: log ? y.map((value) => (value > 0 ? value : Number.NaN)) : y,
        })),
      ),
    [versions],
  )
  const look = JSON.stringify([
    unit,
    log,
    isDark,
    layers.map(({ line, isFaint }) => [line.id, line.colour, isFaint]),
  ])

  useEffect(() => {
    const element = place.current!
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--rule'), width: 1 },
      ticks: { show: false },
    }
    const made = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false }, points: { show: lines.length <= LISTED } },
        padding: [8, 12, 0, 0],
        scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
        axes: [
          {
            ...axis,
            size: 30,
            values: (_, ticks) => ticks.map((tick) => (unit === 'step' ? number(tick) : duration(tick))),
          },
          {
            ...axis,
            size: 62,
            values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : number(tick))),
          },
        ],
        series: [
          {},
          ...layers.map(({ line, isFaint }) => ({
            stroke: colour(line.colour) + (isFaint ? '55' : ''),
            width: isFaint ? 1 : 1.5,
            dash: line.dash,
            points: { show: false },
          })),
        ],
        hooks: {
          setSelect: [
            (plot) => {
              const { left, width } = plot.select
              if (width > 4) onZoom([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')])
            },
          ],
          setCursor: [
            (plot) => setCursor(plot.cursor.left! >= 0 ? plot.posToVal(plot.cursor.left!, 'x') : undefined),
          ],
        },
      },
      data as uPlot.AlignedData,
      element,
    )
    made.over.addEventListener('dblclick', () => onZoom(undefined))
    const observer = new ResizeObserver(() =>
      made.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }),
    )
    observer.observe(element)
    chart.current = made
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [look])

  useEffect(() => {
    const plot = chart.current!
    plot.batch(() => {
      plot.setData(data as uPlot.AlignedData, zoom === undefined)
      if (zoom) plot.setScale('x', { min: zoom[0], max: zoom[1] })
    })
  }, [data, zoom, look])

  return (
    <figure class="card chart">
      <figcaption>
        <h3>{title}</h3>
        {cursor !== undefined && (
          <span class="quiet">{unit === 'step' ? `step ${Math.round(cursor)}` : duration(cursor)}</span>
        )}
      </figcaption>
      <div
        ref={place}
        role="img"
        aria-label={`${title} over the ${unit} of ${lines.map(({ name }) => name).join(', ')}`}
      />
      <ul class="legend">
        {lines.slice(0, LISTED).map((line) => (
          <li key={line.id}>
            <i
              class="swatch"
              ref={(element) => void element?.style.setProperty('background', `var(${line.colour})`)}
            />
            {line.name} <b>{number(valueAt(line, cursor))}</b>
            <Broken line={line} unit={unit} />
          </li>
        ))}
        {lines.length > LISTED && <li class="quiet">and {lines.length - LISTED} more</li>}
      </ul>
    </figure>
  )
}

/** Where the values of a run stop being numbers. */
function Broken({ line, unit }: { line: ChartLine; unit: ChartProps['unit'] }) {
  const index = line.values.findIndex((value) => !Number.isFinite(value))
  if (index < 0) return null
  const x = line.x[index]!
  return (
    <span class="error">
      {' '}
      {String(line.values[index])} at {unit === 'step' ? `step ${x}` : duration(x)}
    </span>
  )
}

/** The last value up to a place. */
function valueAt({ x, values, smooth }: ChartLine, place = Number.POSITIVE_INFINITY): number {
  let [low, high] = [0, x.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (x[middle]! <= place) low = middle + 1
    else high = middle
  }
  return (smooth.length > 0 ? smooth : values)[Math.max(0, low - 1)] ?? Number.NaN
}
