import type { Finding } from '../finding.js'
import type { Reading } from '../reading.js'

/** Where readings and findings go. Any of the methods may be left out, be async, and fail: training goes on. */
export interface Sink {
  /** Asks for samples of the values, to draw histograms; see `every.histograms`. */
  readonly histograms?: boolean
  reading?(reading: Reading): void | Promise<void>
  finding?(finding: Finding): void | Promise<void>
  /** Once, when the monitor is disposed. */
  close?(): void | Promise<void>
}
