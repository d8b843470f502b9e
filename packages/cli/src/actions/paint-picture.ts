import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { encodePicture, encodePsd, type Picture, type PictureFormat } from '@dlkit/data'
import { type Colorizer, joinLayers, variantPalettes } from '@dlkit/gan-colorize'
import { replaceFile } from '@dlkit/training/files'
import type { PaintSettings } from '../config/paint-options.js'

export interface PaintJob {
  picture: Picture
  /** What strokes are found by. */
  input: string
  output: string
  format: PictureFormat
  /** Kept in the results. */
  identifier: string
}

interface Version {
  /** From 1, the one without a palette of its own. */
  number: number
  file: string
  /** Its layers by name; `psd` holds all of them. */
  layers: Partial<Record<LayerName | 'psd', string>>
}

const layerNames = ['flat', 'shade', 'ink'] as const
type LayerName = (typeof layerNames)[number]

/** Colours one picture as the options say and writes what comes of it: versions, layers. */
export async function paintPicture(
  colorizer: Colorizer,
  { picture, input, output, format, identifier }: PaintJob,
  settings: PaintSettings,
): Promise<void> {
  const { palette, strength, keepInk, style, hintsOf } = settings
  await mkdir(dirname(output), { recursive: true })
  const hints = hintsOf(input)
  const write = async (file: string, picture: Picture) =>
    replaceFile(file, await encodePicture(picture, { format, identifier }))
  for (const { number, file, layers } of versionsOf(output, settings)) {
    const colours = number === 1 ? palette : variantPalettes[number - 2]!
    const paint = { hints, ...(colours && { palette: colours }) }
    const coloured = await colorizer.colorize(picture, { ...paint, strength, keepInk, style })
    if (settings.layers) {
      const parts = await colorizer.layers(picture, paint)
      for (const name of layerNames) if (layers[name]) await write(layers[name], parts[name])
      if (layers.psd) {
        const stack = layerNames.map((name) => ({
          name,
          picture: parts[name],
          blend: name === 'flat' ? ('normal' as const) : ('multiply' as const),
        }))
        replaceFile(layers.psd, await encodePsd(stack, joinLayers(parts), identifier))
      }
    }
    await write(file, coloured)
  }
}

/** What is written of one picture beside `output`. */
export const filesBeside = (output: string, settings: PaintSettings): string[] =>
  versionsOf(output, settings)
    .flatMap(({ file, layers }) => [file, ...Object.values(layers)])
    .filter((file) => file !== output)

/** The first version comes last: where it is there, all are. */
function versionsOf(output: string, { variants, layers }: PaintSettings): Version[] {
  return Array.from({ length: variants }, (_, i): Version => {
    const number = variants - i
    const file = number === 1 ? output : besideName(output, `-${number}`)
    const entries =
      layers === 'psd'
        ? [['psd', besideName(file, '', '.psd')]]
        : layerNames.map((name) => [name, besideName(file, `-${name}`)])
    return { number, file, layers: layers ? Object.fromEntries(entries) : {} }
  })
}

/** `page.png` as `page-2.png`, `page-flat.png` or `page.psd`. */
function besideName(file: string, ending: string, extension?: string): string {
  const dot = file.lastIndexOf('.')
  return `${file.slice(0, dot)}${ending}${extension ?? file.slice(dot)}`
}
