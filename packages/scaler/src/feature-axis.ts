/** Where the features of an array are: the last axis, the third last (pictures with the channels first), nowhere. */
export type FeatureAxis = -1 | -3 | 'all'

/** Index `i` of the flat numbers belongs to feature `⌊i / inner⌋ mod features`. */
export interface Arrangement {
  readonly features: number
  readonly inner: number
}

/**
 * How the features lie in an array of this shape.
 *
 * @param known number of features, if the scaler has been fitted or their names were given.
 * @param flatIsRow whether flat numbers are one row, as they are among other rows; otherwise `known` cuts them into rows.
 */
export function arrange(
  name: string,
  shape: readonly (number | null)[],
  axis: FeatureAxis,
  { known, flatIsRow = false }: { known?: number | undefined; flatIsRow?: boolean },
): Arrangement {
  if (axis === 'all') return { features: 1, inner: 1 }
  const shown = shape.map((length) => length ?? 'null').join(', ')
  const flat = axis === -1 && shape.length === 1 && !flatIsRow
  if (flat && known && shape[0]! % known === 0) return { features: known, inner: 1 }
  if (flat && !known) {
    throw new RangeError(
      `${name}: expected rows of features, got ${shape[0]} flat numbers. Pass [row, row, …] or ` +
        "{ data, shape: [rows, features] }, name the features, or use axis: 'all' for one feature.",
    )
  }
  const features = shape.at(axis)
  if (features === undefined || features === null) {
    const rule = axis === -1 ? 'an array with a feature axis' : 'pictures [..., channels, height, width]'
    const got = shape.length === 0 ? 'a scalar' : `the shape [${shown}]`
    const fix = axis === -1 ? "Use axis: 'all'." : "Use dataFormat: 'channelsLast' for [..., channels]."
    throw new RangeError(`${name}: expected ${rule}, got ${got}. ${fix}`)
  }
  if (known && features !== known) {
    throw new RangeError(
      `${name}: expected ${known} feature${known > 1 ? 's' : ''} in axis ${axis}, got ${features} ` +
        `(shape [${shown}]). Pass data laid out like the training data.`,
    )
  }
  return { features, inner: axis === -1 ? 1 : shape.at(-1)! * shape.at(-2)! }
}
