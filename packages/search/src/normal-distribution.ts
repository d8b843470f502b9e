/**
 * Share of a standard normal distribution below `z`, to 1e-16 of 1.
 *
 * Marsaglia 2004, "Evaluating the Normal Distribution", Journal of Statistical Software 11(4).
 */
export function normalShare(z: number): number {
  if (!(Math.abs(z) < 9)) return z > 0 ? 1 : 0
  let [sum, term] = [z, z]
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (z * z) / n
    sum += term
  }
  return Math.max(0, 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI))
}
