import sharp from 'sharp'
import { channelsOf, type GreyPicture, type Picture } from './picture.js'

/** Formats in which pictures are written. All but JPEG keep every pixel as it is. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'tiff' | 'avif'

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
 * Encodes an RGB or one-channel picture as a file, with its density if it has one. The same picture always gives the
 * same bytes.
 */
export async function encodePicture(
  picture: Picture | GreyPicture,
  { format = 'png', identifier }: EncodePictureOptions = {},
): Promise<Buffer> {
  const channels = channelsOf(picture, 'encodePicture')
  const { width, height, data } = picture
  let image = sharp(data, { raw: { width, height, channels } }).toColourspace(channels === 1 ? 'b-w' : 'srgb')
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

/** Encodes an RGB or one-channel picture as a PNG file. */
export const encodePng = (picture: Picture | GreyPicture): Promise<Buffer> => encodePicture(picture)

/** The identifier that a picture file was encoded with; undefined for any other file. */
export async function pictureIdentifier(file: string): Promise<string | undefined> {
  try {
    const { xmp } = await sharp(file).metadata()
    return xmp?.toString('utf8').match(/dlkit:Identifier="(\w+)"/)?.[1]
  } catch {
    return undefined
  }
}

/** An XMP packet (ISO 16684-1): every format has a place for it. */
const packet = (identifier: string) =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dlkit="urn:dlkit" dlkit:Identifier="${identifier}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
