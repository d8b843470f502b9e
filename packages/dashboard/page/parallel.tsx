import type { Study } from '../src/wire.js'
import { number } from './format.js'

const [WIDTH, HEIGHT, EDGE, TOP] = [720, 260, 50, 26]
const MOST_LINES = 500

interface Axis {
  name: string
  /** 0 (bottom) to 1, or undefined where a trial has no such value. */
  place: (trial: Study['trials'][number]) => number | undefined
  ends: [low: string, high: string]
}

/** A line for each complete trial through its parameters and its first metric: the better, the stronger. */
export function Parallel({ study }: { study: Study }) {
  const complete = study.trials.filter(
    ({ state, values }) => state === 'complete' && Number.isFinite(Number(values[0])),
  )
  const axes = [
    ...Object.keys(study.parameters).map((name) => parameterAxis(study, name)),
    metricAxis(study, complete),
  ]
  const isMaximized = Object.values(study.metrics)[0] === 'maximize'
  const goodness = (trial: Study['trials'][number]) => {
    const place = axes.at(-1)!.place(trial) ?? 0
    return isMaximized ? place : 1 - place
  }
  const left = (index: number) => EDGE + (index * (WIDTH - 2 * EDGE)) / Math.max(1, axes.length - 1)
  const top = (place: number) => HEIGHT - TOP - place * (HEIGHT - 2 * TOP)
  const drawn = [...complete].sort((a, b) => goodness(a) - goodness(b)).slice(-MOST_LINES)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it
    <section class="card scroll" tabIndex={0} aria-label="Parallel coordinates">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        class="parallel"
        role="img"
        aria-label={`Parallel coordinates of ${drawn.length} trials: ${axes.map(({ name }) => name).join(', ')}. The table below has the numbers.`}
      >
        {drawn.map((trial) => {
          const points = axes.flatMap(({ place }, index) => {
            const share = place(trial)
            return share === undefined ? [] : [`${left(index)},${top(share)}`]
          })
          return (
            <polyline
              key={trial.number}
              points={points.join(' ')}
              stroke-opacity={0.12 + 0.88 * goodness(trial) ** 3}
              stroke-width={1 + goodness(trial) ** 6}
            >
              <title>trial {trial.number}</title>
            </polyline>
          )
        })}
        {axes.map(({ name, ends }, index) => (
          <g key={name} transform={`translate(${left(index)} 0)`}>
            <line y1={TOP} y2={HEIGHT - TOP} />
            <text y={12}>{name}</text>
            <text y={TOP - 3} class="end">
              {ends[1]}
            </text>
            <text y={HEIGHT - TOP + 14} class="end">
              {ends[0]}
            </text>
          </g>
        ))}
      </svg>
    </section>
  )
}

function parameterAxis(study: Study, name: string): Axis {
  const parameter = study.parameters[name]!
  if (parameter.kind === 'choice') {
    const { choices } = parameter
    const share = (value: unknown) => choices.indexOf(value as never) / Math.max(1, choices.length - 1)
    return {
      name,
      place: ({ params }) => (name in params ? share(params[name]) : undefined),
      ends: [String(choices[0]), String(choices.at(-1))],
    }
  }
  const scale = parameter.log ? Math.log : (value: number) => value
  const [low, high] = [scale(parameter.low), scale(parameter.high)]
  return {
    name,
    place: ({ params }) =>
      typeof params[name] === 'number'
        ? (scale(params[name]) - low) / Math.max(1e-12, high - low)
        : undefined,
    ends: [number(parameter.low), number(parameter.high)],
  }
}

function metricAxis(study: Study, trials: Study['trials']): Axis {
  const values = trials.map(({ values }) => Number(values[0]))
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return {
    name: Object.keys(study.metrics)[0]!,
    place: ({ values }) => (Number(values[0]) - low) / Math.max(1e-12, high - low),
    ends: [number(low), number(high)],
  }
}
