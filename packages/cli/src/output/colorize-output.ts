import colors from 'picocolors'
import { count } from './format.js'
import { Progress } from './progress.js'

/** Tells what becomes of each picture. */
export interface ColorizeOutput {
  /** Something that the user should know of the run. */
  warning(message: string): void
  coloured(input: string, output: string): void
  skipped(file: string, reason: string): void
  /** Stops everything that draws; called in any case, before `finish` or an error. */
  close(): void
  finish(coloured: number, skipped: number, out: string): void
}

/** One JSON object per line, each with a `type`: warning, coloured, skipped, end. */
export function colorizeJson(stream: NodeJS.WritableStream = process.stdout): ColorizeOutput {
  const write = (value: object) => void stream.write(`${JSON.stringify(value)}\n`)
  return {
    warning: (message) => write({ type: 'warning', message }),
    coloured: (input, output) => write({ type: 'coloured', input, output }),
    skipped: (file, reason) => write({ type: 'skipped', file, reason }),
    close: () => {},
    finish: (coloured, skipped, out) => write({ type: 'end', coloured, skipped, out }),
  }
}

/** Progress, a line for each skipped file, and a summary. */
export function colorizeText(total: number, stream: NodeJS.WriteStream = process.stdout): ColorizeOutput {
  const progress = new Progress({ label: 'Colouring', unit: 'picture', from: 0, total, stream })
  let done = 0
  return {
    warning: (message) => progress.log(colors.yellow(`! ${message}`)),
    coloured: () => progress.update(++done),
    skipped: (file, reason) => {
      progress.log(colors.yellow(`! Skipped ${file}: ${reason}`))
    },
    close: () => progress.stop(),
    finish: (coloured, skipped, out) => {
      const rest = skipped > 0 ? `, skipped ${count(skipped, 'file')}` : ''
      stream.write(`Coloured ${count(coloured, 'picture')} into ${out}${rest}\n`)
    },
  }
}
