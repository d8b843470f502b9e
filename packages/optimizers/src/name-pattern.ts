interface LayerWeights {
  readonly weights: readonly { readonly name: string }[]
}

/**
 * Which weights are meant, by the name of their variable, such as `encoder/dense/kernel`:
 * - a string: one or several whole parts of the name, `'bias'` or `'encoder/dense'` (the `_1` that TensorFlow.js appends
 *   to a name that exists already does not count),
 * - a regular expression, tested on the whole name,
 * - a layer or a model of `tf.layers`: its weights.
 */
export type NamePattern = string | RegExp | LayerWeights

export function matches(pattern: NamePattern, name: string): boolean {
  if (pattern instanceof RegExp)
    return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(name)
  if (typeof pattern !== 'string') return pattern.weights.some((weight) => weight.name === name)
  return [name, name.replace(/_\d+$/, '')].some((parts) => `/${parts}/`.includes(`/${pattern}/`))
}

/** Whether a name of a weight matches at least one of the patterns. */
export function matchesAny(patterns: readonly NamePattern[], name: string): boolean {
  return patterns.some((pattern) => matches(pattern, name))
}

/** @throws {RangeError} for a string or regular expression that matches none of the names: most often a misspelling. */
export function checkMatches(
  caller: string,
  patterns: readonly NamePattern[],
  names: readonly string[],
): void {
  const idle = patterns.find(
    (pattern) =>
      (typeof pattern === 'string' || pattern instanceof RegExp) &&
      !names.some((name) => matches(pattern, name)),
  )
  if (idle === undefined) return
  const few = names.slice(0, 4).join(', ') + (names.length > 4 ? `, ${names.length - 4} more` : '')
  throw new RangeError(
    `${caller}: expected patterns that match a weight, got ${idle instanceof RegExp ? idle : `"${idle}"`} for ${few}. ` +
      'Use whole parts of these names or a regular expression.',
  )
}
