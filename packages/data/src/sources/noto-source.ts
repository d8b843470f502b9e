import { readFile } from 'node:fs/promises'
import { DataError } from '../errors.js'
import { installedFile } from './installed-package.js'
import type { PictureSource, SourceSample } from './picture-source.js'

const version = '1'
const leftOutCategories = new Set(['Flags', 'Symbols'])
const skinTones = /(^|-)(light|medium-light|medium|medium-dark|dark)-skin-tone/
const persons = /\b(man|woman|men|women|person|people|boy|girl|child|prince|princess)\b-?/g

interface IconSet {
  icons: Record<string, { body: string }>
  width: number
  height: number
}

/**
 * The drawings of the installed package `@iconify-json/noto` (Noto Emoji by Google, Apache-2.0): flat and richly
 * coloured. Its line art is made of the same shapes, filled with white and outlined in black.
 *
 * Left out are flags, symbols and skin-tone variants. Drawings of the same thing that differ in the person share a
 * group. Throws a DataError where the package is not installed or cannot be read.
 */
export async function notoSource(): Promise<PictureSource> {
  const [icons, metadata] = await Promise.all([
    readJson(installedFile('@iconify-json/noto/icons.json', 'notoSource', version), isIconSet),
    readJson(installedFile('@iconify-json/noto/metadata.json', 'notoSource', version), isMetadata),
  ])
  const samples: SourceSample[] = []
  const seen = new Set<string>()
  for (const [category, names] of Object.entries(metadata.categories)) {
    if (leftOutCategories.has(category)) continue
    for (const id of names) {
      if (skinTones.test(id) || seen.has(id) || !icons.icons[id]) continue
      seen.add(id)
      samples.push({ id, category, group: id.replaceAll(persons, '') || id })
    }
  }
  samples.sort((a, b) => (a.id < b.id ? -1 : 1))
  return {
    name: 'noto',
    attribution:
      'Noto Emoji (https://github.com/googlefonts/noto-emoji) by Google, licensed under Apache-2.0.',
    samples,
    skipped: [],
    pictures: (index) => {
      const { body } = icons.icons[samples[index]!.id]!
      return { colour: { svg: drawing(icons, body) }, line: { svg: drawing(icons, outlined + body) } }
    },
  }
}

const outlined =
  '<style>*{fill:#fff!important;stroke:#000!important;stroke-width:1.5px!important;opacity:1!important;' +
  'fill-opacity:1!important;stroke-opacity:1!important;stroke-dasharray:none!important}</style>'

function drawing({ width, height }: IconSet, body: string): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ' +
    `viewBox="0 0 ${width} ${height}">${body}</svg>`
  )
}

async function readJson<Value>(file: string, isValue: (value: unknown) => value is Value): Promise<Value> {
  const value: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (isValue(value)) return value
  throw new DataError(
    `notoSource: expected drawings in the package '@iconify-json/noto', got none (${file}). ` +
      `Install it again: npm install @iconify-json/noto@${version}`,
  )
}

function isIconSet(value: unknown): value is IconSet {
  const set = value as Partial<IconSet> | null
  return typeof set?.icons === 'object' && typeof set.width === 'number' && typeof set.height === 'number'
}

function isMetadata(value: unknown): value is { categories: Record<string, string[]> } {
  return typeof (value as { categories?: unknown } | null)?.categories === 'object'
}
