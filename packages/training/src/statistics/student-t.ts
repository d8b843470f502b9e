/**
 * Share of Student's distribution below `t`, for a whole number of degrees of freedom.
 *
 * Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
 */
export function studentShare(t: number, degrees: number): number {
  const angle = Math.atan2(t, Math.sqrt(degrees))
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
  const isOdd = degrees % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = degrees === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (cosine ** 2 * (k - 1)) / k
    sum += term
  }
  const central = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum
  return 0.5 + central / 2
}

/** The `t` below which a share of Student's distribution lies, to 1e-12 of it; `share` from 0.5 to below 1. */
export function studentQuantile(share: number, degrees: number): number {
  let [low, high] = [0, 1]
  while (studentShare(high, degrees) < share) high *= 2
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (studentShare(middle, degrees) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
