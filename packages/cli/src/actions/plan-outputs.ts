import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import {
  comparable,
  formatOfExtension,
  freeName,
  locationName,
  type PictureFormat,
  type PictureLocation,
  withoutExtension,
} from '@dlkit/data'
import { UsageError } from '../errors.js'
import { count } from '../output/format.js'
import type { Input } from './find-inputs.js'

export interface ColorizeJob {
  location: PictureLocation
  /** What messages call the picture. */
  input: string
  output: string
  format: PictureFormat
}

/**
 * Decides which picture is coloured into which file: PNG files below the folder `out`, or the file `out` where it has
 * the extension of a picture and is no folder. Where two pictures have one name but for the extension, those that are
 * no PNG keep it within the name (`photo-jpg.png`); names that are equal still are numbered. The plan depends on the
 * pictures, not on their order.
 *
 * @throws UsageError when `out` is one file for several pictures.
 */
export async function planOutputs(inputs: readonly Input[], out: string): Promise<ColorizeJob[]> {
  const format = formatOfExtension(extname(out))
  const isFolder = await stat(out).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (format !== undefined && !isFolder) {
    if (inputs.length > 1) {
      throw new UsageError(`-o ${out} names one file, got ${count(inputs.length, 'picture')}. Name a folder`)
    }
    return inputs.map(({ location }) => ({ location, input: locationName(location), output: out, format }))
  }
  const shared = new Map<string, number>()
  for (const { place } of inputs) {
    const stem = comparable(withoutExtension(place))
    shared.set(stem, (shared.get(stem) ?? 0) + 1)
  }
  const taken = new Map<string, Set<string>>()
  const key = ({ place, location }: Input) =>
    `${Number(!/\.png$/i.test(place))}${place}\0${locationName(location)}`
  const jobs = [...inputs]
    .sort((a, b) => (key(a) < key(b) ? -1 : 1))
    .map(({ location, place }) => {
      const folder = dirname(place)
      const stem = withoutExtension(basename(place))
      const isShared = shared.get(comparable(withoutExtension(place)))! > 1
      const extension = extname(place).slice(1)
      const kept = isShared && !/^png$/i.test(extension) ? `${stem}-${extension}` : stem
      const names = taken.get(comparable(folder)) ?? new Set()
      taken.set(comparable(folder), names)
      const output = join(out, folder, freeName(kept, '.png', names))
      return { location, input: locationName(location), output, format: 'png' as const }
    })
  const order = new Map(inputs.map(({ location }, index) => [location, index]))
  return jobs.sort((a, b) => order.get(a.location)! - order.get(b.location)!)
}
