/**
 * The candidate that was probably meant.
 *
 * @returns the one with the fewest edits (insert, delete, replace, swap), or undefined when more than a third of the
 *   word would have to change. For dotted candidates the last part counts as well: 'filters' finds 'model.filters'.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const last = candidate.slice(candidate.lastIndexOf('.') + 1)
    const edits = Math.min(distance(word, candidate), distance(word.slice(word.lastIndexOf('.') + 1), last))
    if (edits < fewest) {
      fewest = edits
      best = candidate
    }
  }
  return best
}

/** Edits between two words, ignoring case; swapped neighbours are one edit (Damerau 1964, restricted form). */
function distance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()]
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1]!
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(replace, swap, above[j]! + 1, row[j - 1]! + 1))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
