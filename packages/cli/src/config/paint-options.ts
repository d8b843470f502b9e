import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Hint, Rgb } from '@dlkit/gan-colorize'
import { UsageError } from '../errors.js'
import { whole } from './option-values.js'

/** Options that say how pictures are painted, as they are typed. */
export interface PaintFlags {
  hints?: string
  palette?: string
  strength?: string
  keepInk?: boolean
  style?: string
  variants?: string
  layers?: string
}

export interface PaintSettings {
  palette?: Rgb[]
  strength: number
  keepInk: boolean
  style: 'flat' | 'shaded'
  /** How many versions of each picture there are. */
  variants: number
  layers?: 'png' | 'psd'
  /** The strokes of a picture, by its path or name. */
  hintsOf(picture: string): Hint[]
}

type StrokesByName = Record<string, unknown[]>

/** @throws UsageError naming the option that is wrong. */
export async function paintSettings(flags: PaintFlags, pictures: readonly string[]): Promise<PaintSettings> {
  const { keepInk = true } = flags
  const strength = flags.strength === undefined ? 1 : Number(flags.strength)
  if (flags.strength?.trim() === '' || !(strength >= 0 && strength <= 1))
    throw new UsageError(`--strength: expected a number from 0 to 1, got "${flags.strength}"`)
  const style = oneOf('--style', flags.style ?? 'flat', ['flat', 'shaded'])
  const layers = flags.layers === undefined ? undefined : oneOf('--layers', flags.layers, ['png', 'psd'])
  const variants = flags.variants === undefined ? 1 : whole('--variants', flags.variants, 1)
  if (variants > 9) throw new UsageError(`--variants: expected at most 9, got ${variants}`)
  if (variants > 1 && flags.palette !== undefined)
    throw new UsageError('--variants: brings its own palettes; leave out --palette')
  const palette = flags.palette === undefined ? undefined : paletteOf(flags.palette)
  const strokes = flags.hints === undefined ? {} : await readStrokes(flags.hints, pictures)
  return {
    ...(palette && { palette }),
    strength,
    keepInk,
    style,
    variants,
    ...(layers && { layers }),
    hintsOf: (picture) => (strokes[picture] ?? strokes[basename(picture)] ?? []) as Hint[],
  }
}

function oneOf<Choice extends string>(option: string, value: string, choices: readonly Choice[]): Choice {
  if ((choices as readonly string[]).includes(value)) return value as Choice
  throw new UsageError(`${option}: expected ${choices.join(' or ')}, got "${value}"`)
}

/** '#f9c9a0,c8553d' as colours. */
function paletteOf(text: string): Rgb[] {
  const colours = text.split(',').map((word) => colourOf(word.trim(), `--palette`))
  if (colours.length > 16)
    throw new UsageError(`--palette: expected at most 16 colours, got ${colours.length}`)
  return colours
}

function colourOf(value: unknown, where: string): Rgb {
  const digits = typeof value === 'string' ? /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(value)?.[1] : undefined
  if (digits !== undefined) {
    const long = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits
    return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as unknown as Rgb
  }
  const isRgb =
    Array.isArray(value) &&
    value.length === 3 &&
    value.every((part) => Number.isInteger(part) && part >= 0 && part <= 255)
  if (isRgb) return value as unknown as Rgb
  throw new UsageError(`${where}: expected a colour such as #c8553d, got ${JSON.stringify(value)}`)
}

/** A list of strokes for the only picture, or lists by the names of pictures. */
async function readStrokes(file: string, pictures: readonly string[]): Promise<StrokesByName> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const isJson = (error as NodeJS.ErrnoException).code === undefined
    throw new UsageError(
      `--hints: ${file} ${isJson ? 'is no JSON' : 'cannot be read'}; name a file of strokes`,
    )
  }
  if (Array.isArray(content)) {
    if (pictures.length !== 1) {
      throw new UsageError(
        `--hints: ${file} is a list of strokes for one picture, got ${pictures.length}; write {"name of a picture": [strokes]}`,
      )
    }
    return { [pictures[0]!]: strokesOf(content, file) }
  }
  if (typeof content !== 'object' || content === null)
    throw new UsageError(`--hints: ${file}: expected a list of strokes, got ${JSON.stringify(content)}`)
  const known = new Set(pictures.flatMap((picture) => [picture, basename(picture)]))
  return Object.fromEntries(
    Object.entries(content).map(([name, strokes]) => {
      if (!known.has(name)) throw new UsageError(`--hints: ${file}: no picture is called "${name}"`)
      if (!Array.isArray(strokes))
        throw new UsageError(`--hints: ${file}: ${name}: expected a list, got ${JSON.stringify(strokes)}`)
      return [name, strokesOf(strokes, `${file}: ${name}`)]
    }),
  )
}

function strokesOf(strokes: readonly unknown[], file: string): Hint[] {
  return strokes.map((stroke, index) => {
    const where = `--hints: ${file}: stroke ${index + 1}`
    const { colour, points, width, ...rest } = (stroke ?? {}) as Record<string, unknown>
    const [other] = Object.keys(rest)
    if (other !== undefined)
      throw new UsageError(`${where}: expected colour, points and width, got "${other}"`)
    const isPoint = (point: unknown) =>
      Array.isArray(point) && point.length === 2 && point.every(Number.isFinite)
    if (!Array.isArray(points) || points.length === 0 || !points.every(isPoint))
      throw new UsageError(
        `${where}: points: expected [[x, y], ...] in pixels, got ${JSON.stringify(points)}`,
      )
    if (width !== undefined && !(typeof width === 'number' && width > 0))
      throw new UsageError(`${where}: width: expected a number above 0, got ${JSON.stringify(width)}`)
    const hint: Hint = { colour: colourOf(colour, `${where}: colour`), points }
    return width === undefined ? hint : { ...hint, width: width as number }
  })
}
