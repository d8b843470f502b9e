import { setImmediate } from 'node:timers/promises'
import type { DisjointSets } from './disjoint-sets.js'

/** Side of the small maps that pictures are compared by. */
const mapSide = 16
const cellSide = 4
const cells = (mapSide / cellSide) ** 2
const cellLength = cellSide * cellSide

/**
 * Means of `values` (`height * width`) over a raster of `side * side` equal areas. Pixels on the border of two areas
 * count for both by their share.
 */
export function areaMap(
  values: ArrayLike<number>,
  width: number,
  height: number,
  side = mapSide,
): Float32Array {
  const columns = areaWeights(width, side)
  const rows = areaWeights(height, side)
  const map = new Float32Array(side * side)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let sum = 0
      for (const [row, rowShare] of rows[y]!) {
        for (const [column, columnShare] of columns[x]!) {
          sum += rowShare * columnShare * values[row * width + column]!
        }
      }
      map[y * side + x] = sum
    }
  }
  return map
}

/** For each of `side` intervals of a length: the pixels it covers, with shares that add up to 1. */
function areaWeights(length: number, side: number): [pixel: number, share: number][][] {
  const step = length / side
  return Array.from({ length: side }, (_, interval) => {
    const from = interval * step
    const to = from + step
    const weights: [number, number][] = []
    for (let pixel = Math.floor(from); pixel < Math.min(Math.ceil(to), length); pixel++) {
      weights.push([pixel, (Math.min(to, pixel + 1) - Math.max(from, pixel)) / step])
    }
    return weights
  })
}

/** Where the ink of a line drawing lies (0 = paper, 255 = ink), as a 16 x 16 map. */
export function inkMap(line: Uint8Array, width: number, height: number): Float32Array {
  return areaMap(
    line.map((value) => 255 - value),
    width,
    height,
  )
}

/** The map minus its mean, so that the cosine of two such maps is their correlation. */
export function centredMap(map: Float32Array): Float32Array {
  const mean = map.reduce((sum, value) => sum + value, 0) / map.length
  return map.map((value) => value - mean)
}

/** The cosine of the angle between two maps, -1 to 1; 0 if one of them is all zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0
  let squaresA = 0
  let squaresB = 0
  for (let index = 0; index < a.length; index++) {
    dot += a[index]! * b[index]!
    squaresA += a[index]! ** 2
    squaresB += b[index]! ** 2
  }
  return squaresA === 0 || squaresB === 0 ? 0 : dot / Math.sqrt(squaresA * squaresB)
}

/**
 * Joins all pairs of pictures whose 16 x 16 maps have a cosine of at least `threshold`, as they are or with one of
 * them mirrored left to right. Every pair is compared, but most only by the lengths of 16 parts of their maps,
 * which bound the cosine (Cauchy-Schwarz in each part). Yields to the event loop; an aborted `signal` ends it.
 */
export async function joinNearDuplicates(
  sets: DisjointSets,
  maps: readonly Float32Array[],
  threshold: number,
  signal?: AbortSignal,
): Promise<void> {
  const shapes = maps.map((map) => unitByCells(map))
  const turned = maps.map((map) => unitByCells(mirrorMap(map)))
  let compared = 0
  for (let a = 0; a < shapes.length; a++) {
    for (let b = 0; b < a; b++) {
      if (reaches(shapes[a]!, shapes[b]!, threshold) || reaches(shapes[a]!, turned[b]!, threshold))
        sets.join(a, b)
    }
    compared += a
    if (compared > 1_000_000) {
      compared = 0
      await setImmediate()
      signal?.throwIfAborted()
    }
  }
}

/** A map of length 1, its values ordered by 4 x 4 parts, and the length of each part. */
interface Shape {
  readonly unit: Float32Array
  readonly lengths: Float32Array
}

function reaches(a: Shape, b: Shape, threshold: number): boolean {
  return dot(a.lengths, b.lengths) >= threshold && dot(a.unit, b.unit) >= threshold
}

/** A 16 x 16 map turned left to right. */
export function mirrorMap(map: Float32Array): Float32Array {
  return map.map((_, index) => map[index - (index % mapSide) + (mapSide - 1 - (index % mapSide))]!)
}

function unitByCells(map: Float32Array): Shape {
  const length = Math.sqrt(dot(map, map))
  const unit = Float32Array.from({ length: map.length }, (_, index) => {
    const cell = Math.floor(index / cellLength)
    const y = Math.floor(cell / cellSide) * cellSide + Math.floor((index % cellLength) / cellSide)
    const x = (cell % cellSide) * cellSide + (index % cellSide)
    return length === 0 ? 0 : map[y * mapSide + x]! / length
  })
  const lengths = Float32Array.from({ length: cells }, (_, cell) => {
    const part = unit.subarray(cell * cellLength, (cell + 1) * cellLength)
    // Rounded up a little: the bound must not fall below the cosine by rounding.
    return Math.sqrt(dot(part, part)) * (1 + 1e-6)
  })
  return { unit, lengths }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!
  return sum
}
