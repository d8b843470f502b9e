import { type Direction, losses, type Trial } from './trial.js'

/** The complete trials that no other complete trial beats in one metric without losing in another. */
export function paretoFront<T extends Pick<Trial, 'state' | 'values'>>(
  trials: readonly T[],
  directions: readonly Direction[],
): T[] {
  const complete = trials.filter(({ state }) => state === 'complete')
  const points = complete.map((trial) => losses(trial, directions))
  return complete.filter((_, index) => !points.some((other) => dominates(other, points[index]!)))
}

/** The indices of `points` (smaller is better) from best to worst: by front, then the loneliest of a front first. */
export function paretoOrder(points: readonly (readonly number[])[]): number[] {
  const order: number[] = []
  let rest = points.map((_, index) => index)
  while (rest.length > 0) {
    const front = rest.filter((index) => !rest.some((other) => dominates(points[other]!, points[index]!)))
    const distance = crowdingDistances(front.map((index) => points[index]!))
    const byDistance = front.map((_, position) => position).sort((a, b) => distance[b]! - distance[a]!)
    order.push(...byDistance.map((position) => front[position]!))
    rest = rest.filter((index) => !front.includes(index))
  }
  return order
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, metric) => value <= b[metric]!) && a.some((value, metric) => value < b[metric]!)
}

/** Deb et al. 2002, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", section III B. */
function crowdingDistances(points: readonly (readonly number[])[]): number[] {
  const distances = new Array<number>(points.length).fill(0)
  for (let metric = 0; metric < (points[0]?.length ?? 0); metric++) {
    const order = points.map((_, index) => index).sort((a, b) => points[a]![metric]! - points[b]![metric]!)
    const range = points[order.at(-1)!]![metric]! - points[order[0]!]![metric]!
    order.forEach((index, rank) => {
      const [before, after] = [order[rank - 1], order[rank + 1]]
      if (before === undefined || after === undefined) distances[index] = Number.POSITIVE_INFINITY
      else if (range > 0 && range < Number.POSITIVE_INFINITY)
        distances[index]! += (points[after]![metric]! - points[before]![metric]!) / range
    })
  }
  return distances
}
