export type Mode = 'min' | 'max'

/** Which metric, and whether more of it is better. */
export interface MetricArgs {
  /** Name of the metric, such as `val_loss`. */
  metric: string
  /**
   * `'min'` for losses and errors, `'max'` for what should rise. Default: `'max'` for names with `acc`, `auc`, `precision`,
   * `recall`, `f1`, `iou`, `psnr`, `ssim`, `score` or `reward` among their words, else `'min'`.
   */
  mode?: Mode
}

const RISING = /^(acc|accuracy|auc|precision|recall|f1|iou|psnr|ssim|score|reward)$/

export function modeOf({ metric, mode }: MetricArgs): Mode {
  if (mode !== undefined && mode !== 'min' && mode !== 'max') {
    throw new RangeError(`mode: expected 'min' or 'max', got ${String(mode)} (metric "${metric}").`)
  }
  const words = metric.replace(/([a-z])([A-Z])/g, '$1_$2').split(/[^A-Za-z0-9]+/)
  return mode ?? (words.some((word) => RISING.test(word.toLowerCase())) ? 'max' : 'min')
}

/** The value of a metric. @throws {RangeError} naming those that are there. */
export function readMetric(
  caller: string,
  metric: string,
  metrics: Readonly<Record<string, number>>,
): number {
  const value = metrics[metric]
  if (typeof value === 'number') return value
  const there = Object.keys(metrics).join(', ') || 'none'
  const advice = metric.startsWith('val_')
    ? 'Pass validationData to fit, or name one of these.'
    : 'Name one of these.'
  throw new RangeError(`${caller}: expected a metric "${metric}", got ${there}. ${advice}`)
}

/** Whether a value is better than the best so far; NaN never is. */
export function isBetter(mode: Mode, value: number, best: number | null, minimumProgress = 0): boolean {
  if (Number.isNaN(value)) return false
  if (best === null) return true
  return mode === 'min' ? value < best - minimumProgress : value > best + minimumProgress
}
