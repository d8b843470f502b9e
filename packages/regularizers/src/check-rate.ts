/** Returns the rate, or throws a RangeError that starts with `name`. */
export function checkRate(name: string, rate: number): number {
  if (!(typeof rate === 'number' && Number.isFinite(rate) && rate >= 0)) {
    throw new RangeError(`${name}: expected a finite rate >= 0, got ${rate}. Use 0 to turn it off.`)
  }
  return rate
}
