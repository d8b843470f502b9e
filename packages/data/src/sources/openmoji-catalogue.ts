import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DataError } from '../errors.js'
import { installedFile } from './installed-package.js'

/** One drawing of the openmoji package that can become a pair. */
export interface Drawing {
  readonly hexcode: string
  /** `group/subgroup` of the package, such as `animals-nature/animal-bird`. */
  readonly category: string
  /** The hexcode without skin tone. */
  readonly base: string
  readonly lineFile: string
  readonly colourFile: string
}

export interface Catalogue {
  readonly version: string
  readonly drawings: readonly Drawing[]
  readonly total: number
  /** Left out as skin-tone variants: their line art equals their base's, so one line art would have six colourings. */
  readonly variants: number
  /** Left out as flags, signs, letters, brands and the like. */
  readonly signs: number
}

const leftOutGroups = new Set(['flags', 'symbols', 'component'])
const leftOutSubgroups = new Set([
  'alphanum',
  'brand',
  'country-flag',
  'flags',
  'queer-symbols',
  'regional-indicator',
  'subdivision-flag',
  'symbol-other',
  'symbols',
  'ui-element',
])

/**
 * Lists the drawings of the installed openmoji package that show a thing rather than a sign.
 * Throws a DataError where the package is not installed or cannot be read.
 */
export async function openMojiCatalogue(): Promise<Catalogue> {
  const root = dirname(installedFile('openmoji/package.json', 'openMojiPairs', '17'))
  const [metadata, manifest] = await Promise.all(
    ['data/openmoji.json', 'package.json'].map((file) => readJson(join(root, file))),
  )
  const entries = Array.isArray(metadata) ? metadata.filter(isEntry) : []
  const version = (manifest as { version?: unknown } | null)?.version
  const bases = entries.filter((entry) => entry.skintone === '')
  const drawings = bases
    .filter(({ group, subgroups }) => !leftOutGroups.has(group) && !leftOutSubgroups.has(subgroups))
    .map(({ hexcode, group, subgroups, skintone_base_hexcode }) => ({
      hexcode,
      category: `${group}/${subgroups}`,
      base: skintone_base_hexcode || hexcode,
      lineFile: join(root, 'black', 'svg', `${hexcode}.svg`),
      colourFile: join(root, 'color', 'svg', `${hexcode}.svg`),
    }))
    .sort((a, b) => (a.hexcode < b.hexcode ? -1 : 1))
  if (drawings.length === 0) {
    throw new DataError(
      `openMojiPairs: expected a list of drawings in the package 'openmoji', got none (${root}). ` +
        'Install it again: npm install openmoji@17',
    )
  }
  return {
    version: typeof version === 'string' ? version : 'unknown',
    drawings,
    total: entries.length,
    variants: entries.length - bases.length,
    signs: bases.length - drawings.length,
  }
}

/** Parts of a hexcode that change a person or the writing of a drawing, not what it shows. */
const decorations = new Set(['FE0F', '200D', '2640', '2642', '1F3FB', '1F3FC', '1F3FD', '1F3FE', '1F3FF'])
const persons: Record<string, string> = {
  '1F468': 'adult',
  '1F469': 'adult',
  '1F9D1': 'adult',
  '1F466': 'child',
  '1F467': 'child',
  '1F9D2': 'child',
  '1F474': 'elder',
  '1F475': 'elder',
  '1F9D3': 'elder',
}

/** Equal for drawings that differ only in gender, skin tone and variation selectors, e.g. a man and a woman cook. */
export function codepointKey(hexcode: string): string {
  return hexcode
    .split('-')
    .filter((part) => !decorations.has(part))
    .map((part) => persons[part] ?? part)
    .join('-')
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new DataError(
      `openMojiPairs: expected a readable file in the package 'openmoji', got an error (${file}). ` +
        'Install it again: npm install openmoji@17',
      { cause: error },
    )
  }
}

interface Entry {
  hexcode: string
  group: string
  subgroups: string
  skintone: string | number
  skintone_base_hexcode: string
}

function isEntry(value: unknown): value is Entry {
  const entry = value as Partial<Record<keyof Entry, unknown>> | null
  return (
    typeof entry?.hexcode === 'string' &&
    /^[0-9A-F-]+$/.test(entry.hexcode) &&
    typeof entry.group === 'string' &&
    typeof entry.subgroups === 'string' &&
    typeof entry.skintone_base_hexcode === 'string'
  )
}
