/** Sizes whose product is no larger are counted out exactly, as SciPy does for up to 10,000 values on each side. */
const EXACT_PATHS = 1e7

/**
 * Two-sided p-value of the two-sample Kolmogorov–Smirnov statistic for samples of `n` and `m` values without ties.
 *
 * Exact for small samples. For others the limiting distribution with Vrbik's correction of its argument,
 * `z + 1/(6√k) + (z − 1)/(4k)` for `z = D√k`, `k = nm/(n + m)`: "Small-sample corrections to Kolmogorov–Smirnov test
 * statistic", Pioneer Journal of Theoretical and Applied Statistics 15, 2018.
 */
export function ksPValue(statistic: number, n: number, m: number): number {
  if (statistic <= 0) return 1
  if (n * m <= EXACT_PATHS) return exactPValue(statistic, Math.min(n, m), Math.max(n, m))
  const size = (n * m) / (n + m)
  const z = statistic * Math.sqrt(size)
  return limitingPValue(z + 1 / (6 * Math.sqrt(size)) + (z - 1) / (4 * size))
}

/**
 * Share of the lattice paths from (0, 0) to (n, m), orders in which the values of both samples may mix, on which the
 * distribution functions are `statistic` or more apart somewhere. A path comes to (i, j) from the left with probability
 * i / (i + j). Only points inside are visited. Hodges 1958, "The significance probability of the Smirnov two-sample test".
 */
function exactPValue(statistic: number, n: number, m: number): number {
  const distance = Math.ceil(statistic * n * m - 1e-6)
  const outside = new Float64Array(m + 1).fill(1)
  for (let i = 0; i <= n; i++) {
    const first = Math.max(0, Math.floor((i * m - distance) / n) + 1)
    const last = Math.min(m, Math.ceil((i * m + distance) / n) - 1)
    if (first > 0) outside[first - 1] = 1
    for (let j = first; j <= last; j++) {
      const fromBelow = j > 0 ? j * outside[j - 1]! : 0
      outside[j] = i + j > 0 ? (i * outside[j]! + fromBelow) / (i + j) : 0
    }
  }
  return outside[m]!
}

/** Kolmogorov's distribution, `2 Σ (−1)^(k−1) exp(−2 k² z²)`; below z = 1.18 its other series, which converges there. */
function limitingPValue(z: number): number {
  const terms = [1, 2, 3, 4, 5, 6, 7, 8]
  if (z < 1.18) {
    const exponents = terms.map((k) => -(((2 * k - 1) * Math.PI) ** 2) / (8 * z * z))
    const sum = exponents.reduce((total, exponent) => total + Math.exp(exponent), 0)
    return 1 - (Math.sqrt(2 * Math.PI) / z) * sum
  }
  return 2 * terms.reduce((total, k) => total + (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * (k * z) ** 2), 0)
}
