import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { Picture } from '../pictures/picture.js'
import type { PictureLimits } from '../pictures/picture-limits.js'
import { type DecodeOptions, decodePicture } from '../pictures/read-picture.js'
import { locationName, type PictureLocation, readLocation } from '../sources/read-location.js'
import { RasterStore } from './raster-store.js'

export interface PictureReaderArgs {
  limits?: PictureLimits | undefined
  /** A folder of decoded pictures, and the bytes that may still be written there. */
  cache?: { readonly directory: string; readonly room: number } | undefined
}

export interface ReadPicture {
  readonly bytes: Uint8Array
  readonly digest: string
  readonly picture: Picture
}

/** Reads and decodes pictures, through the raster cache where there is one. */
export class PictureReader {
  readonly #limits: PictureLimits | undefined
  readonly #store: RasterStore | undefined

  constructor({ limits, cache }: PictureReaderArgs) {
    this.#limits = limits
    this.#store = cache && new RasterStore(cache.directory, cache.room)
  }

  /** A picture enlarged or shrunk to fit into a square of the side `inside`. Throws a PictureError. */
  async decode(location: PictureLocation, inside: number): Promise<Picture> {
    const bytes = await readLocation(location, this.#limits)
    const make = () => this.#decode(location, bytes, { inside })
    if (!this.#store) return make()
    const how = [inside, this.#limits ?? {}, sharp.versions, ...('half' in location ? [location.half] : [])]
    const settings = JSON.stringify(how)
    const file = this.#store.fileFor(digestOf(bytes), settings)
    const cached = await this.#store.read(file)
    if (cached) return cached
    const picture = await make()
    await this.#store.write(file, picture)
    return picture
  }

  #decode(location: PictureLocation, bytes: Uint8Array, options: DecodeOptions): Promise<Picture> {
    const half = 'half' in location ? location.half : undefined
    const trusted = 'svg' in location
    return decodePicture(locationName(location), bytes, { ...options, limits: this.#limits, half, trusted })
  }

  /** A picture shrunk to fit into a square, with its file and the SHA-256 (hex) of that. Throws a PictureError. */
  async read(location: PictureLocation, inside: number): Promise<ReadPicture> {
    const bytes = await readLocation(location, this.#limits)
    return {
      bytes,
      digest: digestOf(bytes),
      picture: await this.#decode(location, bytes, { inside, enlarge: false }),
    }
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
