import { format, list } from '../finding.js'
import type { BatchReading } from '../reading.js'
import { defineRule } from './rule.js'

interface State {
  rows: number
  looks: number
  /** Smallest input so far. */
  minimum: number
  /** Columns that have had one value so far, with that value; null before the first look. */
  constant: [column: number, value: number][] | null
  over: boolean
}

/** Rounding of a mean in float32. */
const ROUNDING = 1e-5
/** Columns of a table or channels of pictures that are named. */
const MOST = 0.5

/**
 * A column that never varies, where others do. Columns that are all at the lowest input are background, as the corners
 * of scanned digits or the rare words of a text, and so are the zeros of inputs that are mostly 0.
 */
export const constantFeature = defineRule<State, { samples: number; readings: number }>({
  name: 'constant-feature',
  practice: 'P4',
  thresholds: { samples: 128, readings: 8 },
  initial: () => ({ rows: 0, looks: 0, minimum: Number.MAX_VALUE, constant: null, over: false }),
  judge({ inputs }, state, { samples, readings }) {
    if (state.over || !inputs || inputs.discrete || inputs.batch < 2 || inputs.columnMean.length < 2)
      return []
    take(state, inputs)
    const constant = withoutBackground(state, inputs)
    if (state.constant?.length === 0) state.over = true
    if (state.rows < samples || state.looks < readings || constant.length === 0) return []
    state.over = true
    const columns = inputs.columnMean.length
    if (constant.length > MOST * columns) return []
    const names = constant.map(([column]) => `column ${column}`)
    return [
      {
        severity: 'warning',
        where: names.map((name) => `inputs/${name}`),
        message:
          `Constant features: ${list(names)} of ${columns} ${constant.length > 1 ? 'have one value each' : 'has one value'} ` +
          `(${format(constant[0]![1])}) in all ${state.rows} samples looked at.`,
        meaning: 'A feature that never varies tells the network nothing; it acts as a second bias.',
        remedy:
          'First look at that column where the data is read: a column that was overwritten, a join that filled it with its ' +
          'default, a scaler or an encoder with the wrong axis. Drop the feature if it is constant by nature.',
        values: { columns: constant.length, samples: state.rows, value: constant[0]![1] },
      },
    ]
  },
})

function take(state: State, { batch, columnMean, columnVariance, summary }: BatchReading): void {
  const isConstant = (column: number) =>
    columnVariance[column]! <= (ROUNDING * columnMean[column]!) ** 2 && Number.isFinite(columnMean[column])
  const before: [number, number][] = state.constant ?? columnMean.map((value, column) => [column, value])
  state.constant = before.filter(
    ([column, value]) =>
      isConstant(column) && Math.abs(columnMean[column]! - value) <= ROUNDING * Math.abs(value),
  )
  state.minimum = Math.min(state.minimum, summary.min)
  state.rows += batch
  state.looks++
}

function withoutBackground({ constant, minimum }: State, { summary }: BatchReading): [number, number][] {
  const isLowest = ([, value]: [number, number]) => Math.abs(value - minimum) <= ROUNDING * Math.abs(minimum)
  const lowest = constant?.filter(isLowest) ?? []
  return (constant ?? []).filter((entry) => {
    const isPadding = summary.zeros > 0.5 && entry[1] === 0
    return !isPadding && !(lowest.length > 1 && isLowest(entry))
  })
}
