import type { Reading } from '../reading.js'
import type { RuleContext } from './rule.js'

/** The loss of the data: `dataLoss` where it is known, or else `loss`. */
export function dataLossOf(values: Readonly<Record<string, number>>): number | undefined {
  return values.dataLoss ?? values.loss
}

/** The loss of the data at every step of a reading, as far as it is finite. */
export function dataLosses({ losses }: Reading): number[] {
  return losses.flatMap(({ values }) => {
    const loss = dataLossOf(values)
    return loss !== undefined && Number.isFinite(loss) ? [loss] : []
  })
}

/** The loss of the data at every step of a reading, or its first named loss when there is no total. */
export function lossSeries({ losses }: Reading): { step: number; value: number }[] {
  return losses.flatMap(({ step, values }) => {
    const value = dataLossOf(values) ?? Object.values(values)[0]
    return value === undefined ? [] : [{ step, value }]
  })
}

/** Losses of one step that should fall: not the penalty, and the total only where its data part is not known. */
export function fallingLosses(
  values: Readonly<Record<string, number>>,
  { expectDecrease, gan }: RuleContext,
): [name: string, value: number][] {
  return Object.entries(values).filter(([name]) => {
    if (expectDecrease) return expectDecrease.has(name)
    if (gan || name === 'penalty') return false
    if (name === 'loss') return values.dataLoss === undefined
    return name === 'dataLoss' || dataLossOf(values) === undefined
  })
}

/** Name of a loss for people. */
export function lossName(name: string): string {
  return name === 'dataLoss' ? 'loss without penalties' : name
}
