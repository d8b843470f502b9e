/** Index of the last item that is no more than `x`; -1 if there is none. */
export function lastUpTo(ascending: Float64Array, x: number): number {
  let [from, to] = [0, ascending.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (ascending[middle]! <= x) from = middle + 1
    else to = middle
  }
  return from - 1
}
