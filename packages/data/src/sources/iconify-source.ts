import { readFile } from 'node:fs/promises'
import { DataError } from '../errors.js'
import { installedFile } from './installed-package.js'
import type { PictureSource, SourceSample } from './picture-source.js'

interface SetOfIcons {
  version: string
  attribution: string
}

/** Sets of coloured drawings, each in the package `@iconify-json/<name>`. */
const sets = {
  noto: {
    version: '1',
    attribution:
      'Noto Emoji (https://github.com/googlefonts/noto-emoji) by Google, licensed under Apache-2.0.',
  },
  twemoji: {
    version: '1',
    attribution: 'Twemoji (https://github.com/jdecked/twemoji) by Twitter, licensed under CC BY 4.0.',
  },
  'flat-color-icons': {
    version: '1',
    attribution:
      'Flat Color Icons (https://github.com/icons8/flat-Color-icons) by Icons8, licensed under MIT.',
  },
  'fluent-emoji-flat': {
    version: '1',
    attribution:
      'Fluent Emoji (https://github.com/microsoft/fluentui-emoji) by Microsoft, licensed under MIT.',
  },
} satisfies Record<string, SetOfIcons>

/** Sets of icons that `iconifySource` reads from npm packages. */
export type IconSetName = keyof typeof sets

const leftOutCategories = new Set(['Flags', 'Symbols'])
const skinTones = /(^|-)(light|medium-light|medium|medium-dark|dark)-skin-tone/
const persons = /\b(man|woman|men|women|person|people|boy|girl|child|prince|princess)\b-?/g
/** Width of outlines as a share of the drawing's. */
const OUTLINE = 1.5 / 128

interface IconSet {
  icons: Record<string, { body: string }>
  width: number
  height: number
}

/**
 * The coloured drawings of an installed package `@iconify-json/<name>`. Their line art is made of the same shapes, filled
 * with white and outlined in black.
 *
 * Left out are flags, symbols and skin-tone variants. Drawings of the same thing that differ in the person share a
 * group. Throws a DataError where the package is not installed or cannot be read, a RangeError for another name.
 *
 * @throws {RangeError} when there is no set of this name.
 */
export async function iconifySource(name: IconSetName): Promise<PictureSource> {
  const set = sets[name]
  if (set === undefined) {
    const names = Object.keys(sets).join(', ')
    throw new RangeError(`iconifySource: expected one of ${names}, got ${JSON.stringify(name)}. Choose one.`)
  }
  const read = <Value>(file: string, isValue: (value: unknown) => value is Value) =>
    readJson(
      name,
      set.version,
      installedFile(`@iconify-json/${name}/${file}`, 'iconifySource', set.version),
      isValue,
    )
  const [icons, metadata] = await Promise.all([
    read('icons.json', isIconSet),
    read('metadata.json', isMetadata),
  ])
  const categories = metadata.categories ?? { '': Object.keys(icons.icons) }
  const samples: SourceSample[] = []
  const seen = new Set<string>()
  for (const [category, ids] of Object.entries(categories)) {
    if (leftOutCategories.has(category)) continue
    for (const id of ids) {
      if (skinTones.test(id) || seen.has(id) || !icons.icons[id]) continue
      seen.add(id)
      samples.push({ id, category, group: id.replaceAll(persons, '') || id })
    }
  }
  samples.sort((a, b) => (a.id < b.id ? -1 : 1))
  const style = outlined(OUTLINE * icons.width)
  return {
    name,
    attribution: set.attribution,
    samples,
    skipped: [],
    pictures: (index) => {
      const { body } = icons.icons[samples[index]!.id]!
      return { colour: { svg: drawing(icons, body) }, line: { svg: drawing(icons, style + body) } }
    },
  }
}

const outlined = (width: number) =>
  `<style>*{fill:#fff!important;stroke:#000!important;stroke-width:${width}px!important;opacity:1!important;` +
  'fill-opacity:1!important;stroke-opacity:1!important;stroke-dasharray:none!important}</style>'

function drawing({ width, height }: IconSet, body: string): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ' +
    `viewBox="0 0 ${width} ${height}">${body}</svg>`
  )
}

async function readJson<Value>(
  name: string,
  version: string,
  file: string,
  isValue: (value: unknown) => value is Value,
): Promise<Value> {
  const value: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (isValue(value)) return value
  throw new DataError(
    `iconifySource: expected drawings in the package '@iconify-json/${name}', got none (${file}). ` +
      `Install it again: npm install @iconify-json/${name}@${version}`,
  )
}

function isIconSet(value: unknown): value is IconSet {
  const set = value as Partial<IconSet> | null
  return typeof set?.icons === 'object' && typeof set.width === 'number' && typeof set.height === 'number'
}

/** Small sets have no categories. */
function isMetadata(value: unknown): value is { categories?: Record<string, string[]> } {
  const categories = (value as { categories?: unknown } | null)?.categories
  return typeof value === 'object' && value !== null && ['object', 'undefined'].includes(typeof categories)
}
