const codes = new Map<string, number>()
let next = 0

/** Programs that keep inventing attributes would grow the table without bound; codes are never given twice. */
const limit = 200_000

/** A number for a text: the same text gets the same number (until the table is full and starts anew). */
export function intern(text: string): number {
  let code = codes.get(text)
  if (code === undefined) {
    if (codes.size >= limit) codes.clear()
    code = next++
    codes.set(text, code)
  }
  return code
}
