/** The part of a README between two lines, or the README with another part in its place. */
export interface ReadmePart {
  start: string
  end: string
}

/** @throws {Error} when a line is missing. */
export function partOf(readme: string, { start, end }: ReadmePart): string {
  const [, rest] = readme.split(start)
  const [part] = rest?.split(end) ?? []
  if (part === undefined || rest === undefined || !readme.includes(end)) {
    throw new Error(
      `partOf: expected a README with the lines "${start}" and "${end}". Add them where the table goes.`,
    )
  }
  return part.trim()
}

export const withPart = (readme: string, lines: ReadmePart, part: string): string =>
  readme.replace(partOf(readme, lines), () => part)
