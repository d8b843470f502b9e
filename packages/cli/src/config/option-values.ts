import { UsageError } from '../errors.js'

/** An option that is a whole number. @throws UsageError naming the option. */
export function whole(option: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least && text.trim() !== '') return value
  throw new UsageError(`${option}: expected a whole number >= ${least}, got "${text}"`)
}

/** An option that lists names with commas between them. */
export function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
