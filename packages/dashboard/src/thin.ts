/**
 * Which points a chart needs: the lowest and the highest of each of `count / 2` equal parts, the first and the last, and
 * where a part has values that are not finite, one of them. At most about 1.5 · `count` + 2 indices of `from` to `to`, in
 * order; all of them when there are no more than `count`.
 */
export function thin(values: ArrayLike<number>, count: number, from = 0, to = values.length): number[] {
  const length = to - from
  if (length <= count) return Array.from({ length: Math.max(0, length) }, (_, index) => from + index)
  const parts = Math.max(1, Math.floor(count / 2))
  const kept = new Set([from])
  for (let part = 0; part < parts; part++) {
    const start = from + Math.floor((part * length) / parts)
    const end = from + Math.floor(((part + 1) * length) / parts)
    let [low, high, broken] = [-1, -1, -1]
    for (let index = start; index < end; index++) {
      const value = values[index]!
      if (!Number.isFinite(value)) {
        if (broken < 0) broken = index
      } else {
        if (low < 0 || value < values[low]!) low = index
        if (high < 0 || value > values[high]!) high = index
      }
    }
    for (const index of [low, high, broken].sort((a, b) => a - b)) if (index >= 0) kept.add(index)
  }
  return [...kept.add(to - 1)]
}

/**
 * The next value of an exponential moving average, `s ← f·s + (1 − f)·x`; `undefined` before the first. Values that are not
 * finite leave it as it is.
 */
export function smoothed(average: number | undefined, value: number, factor: number): number | undefined {
  if (!Number.isFinite(value)) return average
  return average === undefined ? value : factor * average + (1 - factor) * value
}
