import type { Finding } from '../finding.js'
import type { Reading } from '../reading.js'

/** A picture that was shown to the monitor. */
export interface ImageReading {
  step: number
  name: string
  width: number
  height: number
  channels: 1 | 3
  /** 0 to 255, row by row. */
  pixels: Uint8ClampedArray
}

/** Where readings and findings go. Any of the methods may be left out, be async, and fail: training goes on. */
export interface Sink {
  /** Asks for samples of the values, to draw histograms; see `every.histograms`. */
  readonly histograms?: boolean
  /** After each step at which something was measured. */
  reading?(reading: Reading): void | Promise<void>
  /** When a rule has found something. */
  finding?(finding: Finding): void | Promise<void>
  /** A picture given to `monitor.image`. */
  image?(image: ImageReading): void | Promise<void>
  /** Once, when the monitor is disposed. */
  close?(): void | Promise<void>
}
