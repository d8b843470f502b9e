import type { Layer } from 'ag-psd'
import { packet } from './encode-picture.js'
import type { Picture } from './picture.js'

/** A layer of a Photoshop file: a name and a picture of its size. */
export interface PsdLayer {
  name: string
  picture: Picture
  /** How it is mixed with what lies below. Default normal. */
  blend?: 'normal' | 'multiply'
}

/**
 * A Photoshop file of layers, the lowest first.
 *
 * @param whole what they look like together, for programs that show no layers. All have one size.
 * @param identifier kept in the file, where `pictureIdentifier` finds it.
 * @throws {RangeError} when layers differ in size.
 */
export async function encodePsd(
  layers: readonly PsdLayer[],
  whole: Picture,
  identifier?: string,
): Promise<Buffer> {
  const { width, height, density } = whole
  const other = layers.find(({ picture }) => picture.width !== width || picture.height !== height)
  if (other) {
    const { picture } = other
    throw new RangeError(
      `encodePsd: expected layers of ${width} x ${height}, got ${picture.width} x ${picture.height} ("${other.name}"). ` +
        'Resize them first.',
    )
  }
  const { writePsdBuffer } = await import('ag-psd')
  const children = layers.map(
    ({ name, picture, blend = 'normal' }): Layer => ({
      name,
      blendMode: blend,
      imageData: pixelsOf(picture),
    }),
  )
  return writePsdBuffer({
    width,
    height,
    children,
    imageData: pixelsOf(whole),
    imageResources: {
      ...(density !== undefined && resolutionOf(density)),
      ...(identifier !== undefined && { xmpMetadata: packet(identifier) }),
    },
  })
}

function pixelsOf({ width, height, data, alpha }: Picture) {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255)
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) rgba[4 * pixel + c] = data[3 * pixel + c]!
    if (alpha) rgba[4 * pixel + 3] = alpha[pixel]!
  }
  return { width, height, data: rgba }
}

function resolutionOf(density: number) {
  return {
    resolutionInfo: {
      horizontalResolution: density,
      horizontalResolutionUnit: 'PPI' as const,
      widthUnit: 'Inches' as const,
      verticalResolution: density,
      verticalResolutionUnit: 'PPI' as const,
      heightUnit: 'Inches' as const,
    },
  }
}
