/** Where a position of a long side lies between two of a short one. */
interface Between {
  before: number
  after: number
  /** Weight of `after`, in [0, 1); that of `before` is what is left to 1. */
  share: number
}

/** The positions of `short` beside each of `long`, pixel centres on pixel centres, times `stride`. */
export function between(short: number, long: number, stride = 1): Between[] {
  return Array.from({ length: long }, (_, position) => {
    const at = Math.min(short - 1, Math.max(0, ((position + 0.5) * short) / long - 0.5))
    const before = Math.floor(at)
    return { before: before * stride, after: Math.min(short - 1, before + 1) * stride, share: at - before }
  })
}
