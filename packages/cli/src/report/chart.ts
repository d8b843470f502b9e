import { LineChart, type LineSeriesOption } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

export interface Series {
  name: string
  /** Step and value; a gap where the value is not finite. */
  points: readonly (readonly [step: number, value: number])[]
}

export interface ChartArgs {
  series: readonly Series[]
  /** For values over several orders of magnitude; values of 0 and below are left out. */
  logarithmic?: boolean
  width?: number
  height?: number
}

/** Series of a chart get the colours `--series-1` to `--series-8` of the page, then start over. */
export const SERIES_COLOURS = 8
export const seriesColour = (index: number) => `var(--series-${(index % SERIES_COLOURS) + 1})`

/** Beyond this many points a smoothed line is drawn over the pale raw one. */
const SMOOTH_FROM = 60

/**
 * Draws curves over training steps as inline SVG. Colours are variables of the page around it, so that one chart
 * serves light and dark; nothing in it is fetched or run.
 */
export function lineChart({ series, logarithmic = false, width = 400, height = 220 }: ChartArgs): string {
  use([LineChart, GridComponent, SVGRenderer])
  const label = { color: 'currentColor', fontSize: 13 }
  const line = { lineStyle: { color: 'var(--rule)' } }
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'inherit' },
    grid: {
      left: 8,
      right: 16,
      top: 12,
      bottom: 8,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    xAxis: {
      type: 'value',
      min: 'dataMin',
      max: 'dataMax',
      minInterval: 1,
      axisLabel: { ...label, hideOverlap: true },
      axisLine: { onZero: false, ...line },
      axisTick: line,
      splitLine: { show: false },
    },
    yAxis: {
      type: logarithmic ? 'log' : 'value',
      scale: true,
      axisLabel: { ...label, formatter: axisNumber },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: line,
    },
    series: series.flatMap(({ name, points }, index) => curves(name, points, index, logarithmic)),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg.replace(/<style\s*>[\s\S]*?<\/style>/, '').replace(/ width="\d+" height="\d+"/, '')
}

type Drawn = readonly [step: number, value: number | null]

function curves(name: string, points: Series['points'], index: number, logarithmic: boolean) {
  const shown = ([, value]: readonly [number, number]) =>
    Number.isFinite(value) && !(logarithmic && value <= 0)
  const drawn = points.map((point): Drawn => [point[0], shown(point) ? point[1] : null])
  const colour = seriesColour(index)
  const alone = points.filter(shown).length === 1
  const curve = (data: readonly Drawn[], width: number, opacity: number): LineSeriesOption => ({
    type: 'line',
    name,
    data: data.map((point) => [...point]),
    silent: true,
    sampling: 'lttb',
    symbol: 'circle',
    showSymbol: alone,
    itemStyle: { color: colour },
    lineStyle: { color: colour, width, opacity },
  })
  if (points.length < SMOOTH_FROM) return [curve(drawn, 2, 1)]
  return [curve(drawn, 1, 0.3), curve(smoothed(drawn), 2, 1)]
}

/** Exponential average over about a fiftieth of the curve, corrected for its start (Kingma & Ba 2014, section 3). */
function smoothed(points: readonly Drawn[]): Drawn[] {
  const decay = 1 - 50 / Math.max(100, points.length)
  let average = 0
  let weight = 0
  return points.map(([step, value]) => {
    if (value === null) return [step, null]
    average = decay * average + (1 - decay) * value
    weight = decay * weight + (1 - decay)
    return [step, average / weight]
  })
}

function axisNumber(value: number): string {
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(0)
  return String(Number(value.toPrecision(4)))
}
