/** One thing that a monitor noticed, with what to do about it. Plain JSON: one line of `findings.jsonl`. */
export interface Finding {
  /** Name of the monitor and its rule, such as `gradients.vanishing`. */
  monitor: string
  /** `info`: worth knowing; `warning`: training suffers; `error`: going on is pointless. */
  severity: 'info' | 'warning' | 'error'
  /** Training step at which the condition was met. */
  step: number
  /** What was seen, with its numbers. */
  message: string
  /** What to rule out or change, cheapest and likeliest first. */
  remedy: string
  /** Number of the practice behind the rule; the README lists them. */
  practice: string
  /** The numbers of the message; finite ones only. */
  values?: Record<string, number>
}

/** Called with each finding as it is raised. */
export type OnFinding = (finding: Finding) => void

/** The finite entries: JSON has no NaN and no infinity. */
export function finiteValues(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)))
}

/** Three significant digits, for messages. */
export function format(value: number): string {
  const size = Math.abs(value)
  if (Number.isFinite(value) && size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2)
  return String(Number(value.toPrecision(3)))
}

/** Throws unless `step` is a whole number from 0 on. */
export function checkStep(name: string, step: number): void {
  if (Number.isSafeInteger(step) && step >= 0) return
  throw new RangeError(
    `${name}: expected step to be an integer of at least 0, got ${step}. Count the optimizer updates.`,
  )
}

/** Throws unless a saved state is one of `kind` in a version that is understood. */
export function checkState(name: string, state: unknown, kind: string): void {
  const { kind: found, version } = (state ?? {}) as { kind?: unknown; version?: unknown }
  if (found === kind && version === 1) return
  throw new TypeError(
    `${name}.restore: expected a state of kind "${kind}" and version 1, got kind ${JSON.stringify(found)} ` +
      `and version ${JSON.stringify(version)}. Pass what state() of the same monitor returned.`,
  )
}
