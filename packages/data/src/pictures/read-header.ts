import sharp from 'sharp'

/** What a picture file says about itself. */
export interface PictureHeader {
  /** As in the file, before an EXIF orientation is applied. */
  readonly width: number
  readonly height: number
  /** png, jpeg, webp, tiff, gif, svg or heif (AVIF). */
  readonly format: string
  /** Size of the file. */
  readonly bytes: number
  /** Frames or pages. */
  readonly pages: number
}

/** Reads the header of a picture file. Throws sharp's error for what is no picture. */
export async function readHeader(bytes: Uint8Array): Promise<PictureHeader> {
  const { width, height, format, pages = 1 } = await sharp(bytes, { limitInputPixels: false }).metadata()
  return { width, height, format: format ?? 'unknown', bytes: bytes.length, pages }
}
