/** Loss at a learning rate, smoothed. */
export interface RatePoint {
  rate: number
  loss: number
}

/** Learning rates that a range test suggests. */
export interface RateSuggestions {
  /** Two thirds into the longest stretch on which the loss falls (fastai's valley); a safe first choice. */
  valley: number
  /** Where the loss falls fastest over the logarithm of the rate. */
  steepest: number
  /** A tenth of the rate with the lowest loss. */
  minimumOverTen: number
}

/** Undefined while the loss has not fallen anywhere. */
export function rateSuggestions(curve: readonly RatePoint[]): RateSuggestions | undefined {
  if (curve.length < 4) return undefined
  const lowest = curve.reduce((best, point) => (point.loss < best.loss ? point : best))
  const valley = valleyOf(curve)
  if (valley === undefined || lowest === curve[0]) return undefined
  return { valley, steepest: steepestOf(curve), minimumOverTen: lowest.rate / 10 }
}

/** The longest sequence of falling losses, by what it ends with. */
function valleyOf(curve: readonly RatePoint[]): number | undefined {
  const lengths = curve.map(() => 1)
  let end = 0
  for (let index = 1; index < curve.length; index++) {
    for (let earlier = 0; earlier < index; earlier++) {
      if (curve[index]!.loss < curve[earlier]!.loss)
        lengths[index] = Math.max(lengths[index]!, lengths[earlier]! + 1)
    }
    if (lengths[index]! > lengths[end]!) end = index
  }
  const length = lengths[end]!
  if (length < 3) return undefined
  const third = (length - 1) / 3
  return curve[end - length + 1 + Math.floor(third) + Math.floor(third / 2)]?.rate ?? curve[end]!.rate
}

/** Over a stretch of the curve, as single losses differ by their batches. */
function steepestOf(curve: readonly RatePoint[]): number {
  const reach = Math.max(1, Math.round(curve.length / 12))
  let [best, slope] = [reach, 0]
  for (let index = reach; index < curve.length - reach; index++) {
    const [before, after] = [curve[index - reach]!, curve[index + reach]!]
    const fall = (after.loss - before.loss) / Math.log(after.rate / before.rate)
    if (fall < slope) [best, slope] = [index, fall]
  }
  return curve[best]!.rate
}
