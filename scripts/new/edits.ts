import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Changes of a working copy: new files, and places of old ones. */
export interface Edits {
  /** Text by path. */
  create: Readonly<Record<string, string>>
  change: readonly { file: string; how: (text: string) => string }[]
  /** What is left to do by hand, in sentences. */
  next: readonly string[]
}

/** Puts text before the first place that matches. */
export const before =
  (place: RegExp | string, text: string) =>
  (whole: string): string => {
    const at = typeof place === 'string' ? whole.indexOf(place) : whole.search(place)
    if (at < 0) throw new Error(`expected ${place} in the file, so that the new line finds its place`)
    return whole.slice(0, at) + text + whole.slice(at)
  }

export const atEnd = (text: string) => (whole: string) => `${whole.trimEnd()}\n${text}`

/** Adds a name to the sorted list of names that a test of exports holds. */
export const intoSortedNames = (name: string) => (whole: string) =>
  whole.replace(/(toEqual\(\[\n)((?: +'\w+',\n)+)/, (_, open: string, lines: string) => {
    const indent = /^ +/.exec(lines)![0]
    const names = [...lines.matchAll(/'(\w+)'/g)].map(([, known]) => known!)
    return (
      open +
      [...names, name]
        .sort()
        .map((known) => `${indent}'${known}',\n`)
        .join('')
    )
  })

/** One more of what a text counts: "37 rules" becomes "38 rules". */
export const oneMore = (things: string) => (whole: string) =>
  whole.replace(new RegExp(`\\b(\\d+) ${things}\\b`, 'g'), (_, count) => `${Number(count) + 1} ${things}`)

/** @returns the paths that were written. @throws before anything is written where a file exists or a place is missing. */
export function applyEdits(folder: string, { create, change }: Edits): string[] {
  const taken = Object.keys(create).find((path) => existsSync(join(folder, path)))
  if (taken) throw new Error(`${taken} exists already; choose another name`)
  const texts = new Map(Object.entries(create))
  for (const { file, how } of change)
    texts.set(file, how(texts.get(file) ?? readFileSync(join(folder, file), 'utf8')))
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return [...texts.keys()]
}

/** `GlobalPool2D` becomes `global-pool-2d`. */
export const kebab = (name: string): string =>
  name
    .replace(/([a-z])([A-Z0-9])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()

/** `global-pool` becomes `globalPool`. */
export const camel = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

export const changeset = (name: string, text: string): Record<string, string> => ({
  [`.changeset/${text.toLowerCase().replace(/\W+/g, '-').replace(/^-|-$/g, '')}.md`]: `---\n'${name}': minor\n---\n\n${text}\n`,
})
