import { open } from 'node:fs/promises'
import sharp from 'sharp'
import { channelsOf, type GreyPicture, type Picture } from './picture.js'

/** Formats in which pictures are written. All but JPEG keep every pixel as it is. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'tiff' | 'avif'

/** Options of `encodePicture`. */
export interface EncodePictureOptions {
  /** Default png. */
  format?: PictureFormat
  /** Kept in the file, where {@link pictureIdentifier} finds it. */
  identifier?: string
}

const formats: Record<string, PictureFormat> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.avif': 'avif',
}

/** The format that a file extension such as `.jpg` stands for, if pictures are written in it. */
export const formatOfExtension = (extension: string): PictureFormat | undefined =>
  formats[extension.toLowerCase()]

/**
 * Encodes an RGB or one-channel picture as a file, with its density and its opacity if it has them (JPEG has none). The
 * same picture always gives the same bytes.
 */
export async function encodePicture(
  picture: Picture | GreyPicture,
  { format = 'png', identifier }: EncodePictureOptions = {},
): Promise<Buffer> {
  const channels = channelsOf(picture, 'encodePicture')
  const { width, height } = picture
  const alpha = 'alpha' in picture && format !== 'jpeg' ? picture.alpha : undefined
  const data = alpha ? offWhite(picture.data, alpha) : picture.data
  const raw = { width, height, channels: alpha ? (4 as const) : channels }
  let image = sharp(data, { raw }).toColourspace(channels === 1 ? 'b-w' : 'srgb')
  const density = 'density' in picture ? picture.density : undefined
  if (density !== undefined) image = image.withMetadata({ density })
  if (identifier !== undefined) image = image.withXmp(packet(identifier))
  switch (format) {
    case 'png':
      return image.png({ compressionLevel: 6 }).toBuffer()
    case 'jpeg':
      return image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
    case 'webp':
      return image.webp({ lossless: true }).toBuffer()
    case 'tiff':
      return image
        .tiff({ compression: 'deflate', ...(density !== undefined && { resolutionUnit: 'inch' }) })
        .toBuffer()
    case 'avif':
      return image.avif({ lossless: true }).toBuffer()
  }
}

/** `[pixels, 4]` bytes that look like `rgb` on white; opaque ones are as they were. */
function offWhite(rgb: Uint8Array, alpha: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(4 * alpha.length)
  alpha.forEach((opacity, pixel) => {
    const share = Math.max(1, opacity) / 255
    for (let c = 0; c < 3; c++)
      rgba[4 * pixel + c] = Math.max(0, Math.round(255 - (255 - rgb[3 * pixel + c]!) / share))
    rgba[4 * pixel + 3] = opacity
  })
  return rgba
}

/** Encodes an RGB or one-channel picture as a PNG file. */
export const encodePng = (picture: Picture | GreyPicture): Promise<Buffer> => encodePicture(picture)

/** The identifier that a picture file was encoded with; undefined for any other file. */
export async function pictureIdentifier(file: string): Promise<string | undefined> {
  try {
    const xmp = file.toLowerCase().endsWith('.psd') ? await startOf(file) : (await sharp(file).metadata()).xmp
    return xmp?.toString('latin1').match(/dlkit:Identifier="(\w+)"/)?.[1]
  } catch {
    return undefined
  }
}

/** A Photoshop file begins with its resources. */
async function startOf(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2 ** 14), 0, 2 ** 14, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** An XMP packet (ISO 16684-1): every format has a place for it. */
export const packet = (identifier: string) =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dlkit="urn:dlkit" dlkit:Identifier="${identifier}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
