const GOLDEN = (Math.sqrt(5) - 1) / 2
/** Where the values of a function differ by rounding only. */
const PRECISION = 1e-10

/**
 * Where a convex function is smallest: steps that double until it rises, then golden sections (Kiefer 1953).
 *
 * @param start where to begin.
 * @param step first step, on the scale on which the function bends.
 */
export function minimum(f: (x: number) => number, start: number, step: number): number {
  const direction = f(start + step) < f(start - step) ? 1 : -1
  let [before, here, width] = [start - direction * step, start, step]
  let [value, next] = [f(here), f(here + direction * width)]
  while (next < value) {
    before = here
    here += direction * width
    value = next
    width *= 2
    next = f(here + direction * width)
  }
  let [low, high] = [before, here + direction * width].sort((a, b) => a - b) as [number, number]
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
  let [fa, fb] = [f(a), f(b)]
  while (high - low > PRECISION * (step + Math.abs(low))) {
    if (fa <= fb) {
      ;[high, b, fb] = [b, a, fa]
      a = high - GOLDEN * (high - low)
      fa = f(a)
    } else {
      ;[low, a, fa] = [a, b, fb]
      b = low + GOLDEN * (high - low)
      fb = f(b)
    }
  }
  return (low + high) / 2
}
