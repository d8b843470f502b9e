import type { Hint, Rgb } from '@dlkit/gan-colorize/painting'
import { type Answer, addressOf, type Request } from './protocol.js'

/** A drawing as the page shows it. */
export interface Drawing {
  name: string
  image: ImageData
}

/** What a reload brings back, and what a saved file with layers holds. */
export interface Saved {
  name: string
  strokes: Hint[]
  palette: Rgb[]
  onlyPalette: boolean
}

const FIRST_COLOURS: Rgb[] = [
  [226, 88, 62],
  [244, 163, 64],
  [252, 220, 60],
  [122, 179, 83],
  [88, 176, 227],
  [91, 111, 214],
  [168, 69, 127],
  [141, 95, 61],
  [249, 211, 180],
  [63, 63, 63],
]
/** The network's part takes that many colours at most. */
export const MOST_COLOURS = 16

/** What the user paints: the drawing, strokes with their history, colours, and what the worker makes of them. */
export class Studio {
  drawing: Drawing | undefined
  strokes: readonly Hint[] = []
  palette: readonly Rgb[] = FIRST_COLOURS
  /** Whether nothing but colours of the palette is painted. */
  onlyPalette = false
  colour: Rgb = FIRST_COLOURS[0]!
  /** The painted drawing; undefined until it is there. */
  coloured: { image: ImageData; milliseconds: number } | undefined
  isColouring = false
  runsOn: string | undefined
  message: string | undefined

  private past: (readonly Hint[])[] = []
  private future: (readonly Hint[])[] = []
  private number = 0
  private asked = 0
  private readonly waiting: ((colours: ImageData) => void)[] = []
  private readonly listeners = new Set<() => void>()
  private readonly worker: Worker

  constructor() {
    this.worker = new Worker(addressOf('worker.js'), { type: 'module' })
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => this.take(data)
    this.worker.onerror = () => this.say('The worker that colours could not be started. Reload the page.')
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Shows a drawing, with the strokes of a saved one. */
  open(drawing: Drawing, saved?: Saved): void {
    const { width, height, data } = drawing.image
    this.drawing = drawing
    this.coloured = undefined
    this.strokes = saved?.strokes ?? []
    if (saved) Object.assign(this, { palette: saved.palette, onlyPalette: saved.onlyPalette })
    this.past = []
    this.future = []
    this.message = undefined
    this.number++
    this.ask({ type: 'open', drawing: this.number, width, height, rgba: data.slice() })
    this.recolour()
  }

  get saved(): Saved | undefined {
    const { drawing, strokes, palette, onlyPalette } = this
    return drawing && { name: drawing.name, strokes: [...strokes], palette: [...palette], onlyPalette }
  }

  get canUndo(): boolean {
    return this.past.length > 0
  }

  get canRedo(): boolean {
    return this.future.length > 0
  }

  add(stroke: Hint): void {
    this.change([...this.strokes, stroke])
  }

  clear(): void {
    if (this.strokes.length > 0) this.change([])
  }

  undo(): void {
    this.step(this.past, this.future)
  }

  redo(): void {
    this.step(this.future, this.past)
  }

  choose(colour: Rgb): void {
    this.colour = colour
    this.changed()
  }

  /** Takes a colour into the palette, and to paint with. */
  addColours(colours: readonly Rgb[]): void {
    const known = new Set(this.palette.map(String))
    const fresh = colours.filter((colour) => !known.has(String(colour)))
    this.palette = [...this.palette, ...fresh].slice(-MOST_COLOURS)
    if (colours.length === 1) this.colour = colours[0]!
    if (this.onlyPalette && fresh.length > 0) this.recolour()
    this.changed()
  }

  removeColour(colour: Rgb): void {
    this.palette = this.palette.filter((other) => other !== colour)
    if (this.palette.length === 0) this.onlyPalette = false
    this.recolour()
  }

  restrict(onlyPalette: boolean): void {
    this.onlyPalette = onlyPalette && this.palette.length > 0
    this.recolour()
  }

  say(message: string | undefined): void {
    this.message = message
    this.changed()
  }

  /** The colours alone, on white paper. */
  colours(): Promise<ImageData> {
    return new Promise((resolve) => {
      this.waiting.push(resolve)
      this.ask({ type: 'layers' })
    })
  }

  private imageOf(rgba: Uint8ClampedArray<ArrayBuffer>): ImageData {
    const { width, height } = this.drawing!.image
    return new ImageData(rgba, width, height)
  }

  private change(strokes: readonly Hint[]): void {
    this.past.push(this.strokes)
    this.future = []
    this.strokes = strokes
    this.recolour()
  }

  private step(from: (readonly Hint[])[], to: (readonly Hint[])[]): void {
    const strokes = from.pop()
    if (strokes === undefined) return
    to.push(this.strokes)
    this.strokes = strokes
    this.recolour()
  }

  private recolour(): void {
    if (this.drawing) {
      this.isColouring = true
      const palette = this.onlyPalette ? [...this.palette] : undefined
      const [drawing, request] = [this.number, ++this.asked]
      this.ask({ type: 'colour', drawing, request, strokes: [...this.strokes], palette })
    }
    this.changed()
  }

  private ask(request: Request): void {
    this.worker.postMessage(request, request.type === 'open' ? [request.rgba.buffer] : [])
  }

  private take(answer: Answer): void {
    if (answer.type === 'ready') this.runsOn = answer.runsOn
    else if (answer.type === 'failed') {
      this.message = answer.message
      this.isColouring = false
    } else if (answer.type === 'layers') {
      for (const hand of this.waiting.splice(0)) hand(this.imageOf(answer.colours))
    } else if (answer.drawing === this.number) {
      this.coloured = { image: this.imageOf(answer.rgba), milliseconds: answer.milliseconds }
      this.isColouring = answer.request !== this.asked
    }
    this.changed()
  }

  private changed(): void {
    for (const listener of this.listeners) listener()
  }
}
