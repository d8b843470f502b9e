import { type FloatPicture, greyPicture, type Picture, resizePicture } from '@dlkit/data'
import { asLineArt, flattenPaper, type Sheet } from './flatten-paper.js'
import { hasColour } from './has-colour.js'
import { checkHints, HINT_CHANNELS, type Hint, hintPlanes, hintRegions, scaleHints } from './hints.js'
import { layHints, withDividedGround } from './lay-hints.js'
import { layPaint } from './lay-paint.js'
import { paintLayer } from './paint-layer.js'
import { type PictureLayers, pictureLayers } from './picture-layers.js'
import { findRegions, inkDarkness, type Regions } from './regions.js'
import { spreadPaint } from './spread-paint.js'
import { checkPalette, type Rgb, takePalette } from './take-palette.js'
import { voteColours } from './vote-colours.js'
import { type View, viewOf, windowWeight } from './windows.js'

export { HINT_CHANNELS, type Hint, layPaint, type Rgb }

/** Pixels of the picture in which paint is spread within lines. */
const SPREAD_PIXELS = 2 ** 20
/** Share of the darkness of the ink from which a pixel is nothing but ink. */
const INK = 0.6

/** Options of a painting: how strongly, in which style, and with which strokes and colours. */
export interface PaintOptions {
  /**
   * Strokes of colour, in pixels of the picture: each fills what its lines enclose with exactly its colour. A network that was
   * trained with `model.hints` takes them up in the parts around; another one paints these as it would without.
   */
  hints?: readonly Hint[]
  /** Up to 16 colours; nothing else is painted, but for the colours of strokes. */
  palette?: readonly Rgb[]
}

/** Options of `colorize`. */
export interface ColorizeOptions extends PaintOptions {
  /** One colour for each area where one is clearly the commonest, or the network's shades. Default flat. */
  style?: 'flat' | 'shaded'
  /** How strong the paint is, from 0, the drawing as it is, to 1. Default 1. */
  strength?: number
  /** Whether ink keeps every byte; otherwise lines that are not black take on paint. Default true. */
  keepInk?: boolean
}

/** A network that colours, whatever runs it. */
export interface ColouringNetwork {
  /** The side of the pictures that it was trained on. */
  readonly size: number
  /** What height and width of its input have to be a multiple of. */
  readonly multiple: number
  /** Whether it takes strokes. */
  readonly takesHints: boolean
  /**
   * Paints line art `[height, width, 1]`, 1 is paper: `[height, width, 3]`, both in [-1, 1].
   *
   * @param hints `[height, width, 5]`, see `hintPlanes`. Undefined: none.
   */
  paint(input: {
    height: number
    width: number
    line: Float32Array
    hints: Float32Array | undefined
  }): Promise<Float32Array>
}

/**
 * A drawing that is coloured again and again: what does not depend on strokes and palettes is computed once. It needs neither
 * Node nor tensors, so that it works in browsers, too.
 */
export class Painting {
  private knownParts: Regions | undefined
  private knownGround: Regions | undefined

  private constructor(
    private readonly network: ColouringNetwork,
    /** The drawing that is painted over: of a picture with colour its lightness. */
    readonly drawing: Picture,
    private readonly sheet: Sheet,
    private readonly view: View,
    private readonly line: FloatPicture,
    private readonly regions: Regions,
  ) {}

  /** Looks at a drawing: its paper, its lines, what they enclose. */
  static async of(picture: Picture, network: ColouringNetwork): Promise<Painting> {
    const drawing = (await hasColour(picture)) ? withoutColour(picture) : picture
    const scale = Math.min(1, Math.sqrt(SPREAD_PIXELS / (picture.width * picture.height)))
    const side = (length: number) => Math.max(1, Math.round(length * scale))
    const sheet = await flattenPaper(await resizePicture(drawing, side(picture.width), side(picture.height)))
    const view = viewOf(picture.width, picture.height, network.size)
    const line = await asLineArt(sheet.flat, view.width, view.height)
    return new Painting(network, drawing, sheet, view, line, findRegions(sheet.flat))
  }

  /**
   * Colours the drawing, with its width, height, density and opacity; what is painted is opaque.
   *
   * @throws RangeError for strokes, colours and a strength that are none.
   */
  async colour({ strength = 1, keepInk = true, ...options }: ColorizeOptions = {}): Promise<Picture> {
    if (!(strength >= 0 && strength <= 1)) {
      throw new RangeError(`colorize: expected a strength from 0 to 1, got ${strength}. Leave it out for 1.`)
    }
    const { flat, paper } = this.sheet
    const ink = { paper, darkness: INK * inkDarkness(flat) }
    const { labels } = this.regions
    return layPaint(this.drawing, await this.tint(options), { labels, strength, ...(keepInk && { ink }) })
  }

  /** The coloured drawing in parts that can be changed one by one: colours, shades and ink. */
  async layers(options: PaintOptions = {}): Promise<PictureLayers> {
    return pictureLayers(this.drawing, await this.tint({ ...options, style: 'shaded' }), this.regions)
  }

  /**
   * What white paper becomes; smaller than drawings of more than 2²⁰ pixels.
   *
   * @throws RangeError for strokes and colours that are none.
   */
  async tint({
    hints = [],
    palette,
    style = 'flat',
  }: Omit<ColorizeOptions, 'strength' | 'keepInk'> = {}): Promise<Picture> {
    checkHints(hints, 'colorize')
    if (palette) checkPalette(palette, 'colorize')
    const { network, drawing, sheet, view, line, regions } = this
    const planes =
      network.takesHints && hints.length > 0
        ? hintPlanes(scaleHints(hints, drawing, view), this.parts())
        : undefined
    const spread = spreadPaint(paintLayer(await this.paint(planes), line), regions)
    const voted = style === 'flat' ? voteColours(spread, regions) : spread
    const tint = palette ? takePalette(voted, regions, palette) : voted
    return hints.length === 0 ? tint : layHints(tint, scaleHints(hints, drawing, sheet.flat), this.ground())
  }

  /** The regions that strokes fill for the network. */
  private parts(): Regions {
    this.knownParts ??= hintRegions(this.line)
    return this.knownParts
  }

  /** The regions that strokes fill in the picture. */
  private ground(): Regions {
    this.knownGround ??= withDividedGround(this.regions, hintRegions(this.sheet.flat))
    return this.knownGround
  }

  /** The network's colours at its own scale, in [0, 1], one window after the other. */
  private async paint(planes: Float32Array | undefined): Promise<Float32Array> {
    const { width, height, windows } = this.view
    const sum = new Float32Array(width * height * 3)
    const weights = new Float32Array(width * height)
    const { multiple } = this.network
    const padded = (side: number) => Math.ceil(side / multiple) * multiple
    for (const window of windows) {
      const size = { height: padded(window.height), width: padded(window.width) }
      const part = (values: Float32Array, channels: number, around: number) => {
        const sheet = new Float32Array(size.height * size.width * channels).fill(around)
        for (let y = 0; y < window.height; y++) {
          const from = ((window.y + y) * width + window.x) * channels
          sheet.set(values.subarray(from, from + window.width * channels), y * size.width * channels)
        }
        return sheet
      }
      const painted = await this.network.paint({
        ...size,
        line: part(this.line.data, 1, 1).map((x) => 2 * x - 1), // paper around the drawing
        hints: planes && part(planes, HINT_CHANNELS, 0),
      })
      for (let y = 0; y < window.height; y++) {
        for (let x = 0; x < window.width; x++) {
          const weight = windowWeight(y, window.height) * windowWeight(x, window.width)
          const pixel = (window.y + y) * width + window.x + x
          weights[pixel]! += weight
          for (let c = 0; c < 3; c++)
            sum[3 * pixel + c]! += (weight * (painted[(y * size.width + x) * 3 + c]! + 1)) / 2
        }
      }
    }
    return sum.map((value, i) => value / weights[Math.floor(i / 3)]!)
  }
}

function withoutColour(picture: Picture): Picture {
  const { width, height, data: grey } = greyPicture(picture)
  const data = new Uint8Array(width * height * 3)
  grey.forEach((tone, pixel) => {
    data.fill(tone, 3 * pixel, 3 * pixel + 3)
  })
  return { ...picture, data }
}
