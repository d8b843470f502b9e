import { pathToFileURL } from 'node:url'
import type * as Adventurer from '@dicebear/adventurer'
import type * as Core from '@dicebear/core'
import { checkSeed } from '../random.js'
import { installedFile } from './installed-package.js'
import type { PictureSource, SourceSample } from './picture-source.js'

/** Options of `diceBearSource`. */
export interface DiceBearSourceOptions {
  /** How many characters to draw. Default 1000. */
  count?: number
  /** The same seed gives the same characters. Default 1. */
  seed?: number
}

const packageVersion = '9.4'
/** What makes a character; the rest (eyes, eyebrows, mouth) is expression. */
const lasting = ['skinColor', 'hair', 'hairColor', 'earrings', 'glasses', 'features'] as const

/**
 * Characters of the installed packages `@dicebear/core` and `@dicebear/adventurer`: a coloured face, its line art (all
 * light and coloured areas white) and, as reference, the same character with another expression. Characters with
 * the same hair share a group; split them with `lookAlikes: false`, as all their heads look alike.
 * Throws a DataError where the packages are not installed, a RangeError for a wrong count or seed.
 *
 * @throws {RangeError} when count is no whole number from 1.
 */
export async function diceBearSource({
  count = 1000,
  seed = 1,
}: DiceBearSourceOptions = {}): Promise<PictureSource> {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(
      `diceBearSource: expected count to be a whole number from 1, got ${count}. Choose e.g. 1000.`,
    )
  }
  checkSeed(seed, 'diceBearSource')
  const load = (name: string) =>
    import(pathToFileURL(installedFile(name, 'diceBearSource', packageVersion)).href)
  const { createAvatar } = (await load('@dicebear/core')) as typeof Core
  const adventurer = (await load('@dicebear/adventurer')) as typeof Adventurer
  const draw = (index: number) => createAvatar(adventurer, { seed: `${seed}-${index}` })

  const samples = Array.from({ length: count }, (_, index): SourceSample => {
    const hair = String(draw(index).toJson().extra.hair)
    return { id: `${seed}-${index}`, category: '', group: hair }
  })
  return {
    name: 'dicebear',
    attribution:
      'Adventurer (https://www.figma.com/community/file/1184595184137881796) by Lisa Wischofsky, via DiceBear, ' +
      'licensed under CC BY 4.0.',
    samples,
    skipped: [],
    pictures: (index) => {
      const avatar = draw(index)
      const colour = avatar.toString()
      const same = lookOf(avatar.toJson().extra)
      const reference = createAvatar(adventurer, { seed: `${seed}-${index} again`, ...same }).toString()
      return { colour: { svg: colour }, line: { svg: withoutColours(colour) }, reference: { svg: reference } }
    },
  }
}

/** Options that fix the look of a character: each choice, and whether it is there at all. */
function lookOf(extra: Record<string, unknown>): Record<string, unknown> {
  const look = lasting.flatMap((part) => {
    const value = extra[part]
    const chosen = typeof value === 'string' ? [part, [value.replace('#', '')]] : undefined
    const there: [string, unknown][] = part.endsWith('Color')
      ? []
      : [[`${part}Probability`, chosen ? 100 : 0]]
    return [...(chosen ? [chosen] : []), ...there]
  })
  return Object.fromEntries(look)
}

/** Paints everything white that is not nearly black. */
function withoutColours(svg: string): string {
  return svg.replaceAll(
    /(fill|stroke|stop-color)="(#[0-9a-f]{3,6})"/gi,
    (_, attribute: string, colour: string) => {
      const digits =
        colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join('') : colour.slice(1)
      const brightest = Math.max(...[0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)))
      return `${attribute}="${brightest < 64 ? '#000' : '#fff'}"`
    },
  )
}
