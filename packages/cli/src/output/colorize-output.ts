import { printable, printableJson } from '@dlkit/monitors/printable'
import colors from 'picocolors'
import { count } from './format.js'
import { Progress } from './progress.js'

interface ColorizeSummary {
  coloured: number
  /** Results that were there already. */
  kept: number
  skipped: number
  /** Pictures that Ctrl-C left over. */
  left: number
  out: string
}

/** Tells what becomes of each picture. */
export interface ColorizeOutput {
  /** Something that the user should know of the run. */
  warning(message: string): void
  coloured(input: string, output: string): void
  /** The result was there already. */
  kept(input: string, output: string): void
  skipped(file: string, reason: string): void
  /** After the first Ctrl-C. */
  stopping(): void
  /** Stops everything that draws; called in any case, before `finish` or an error. */
  close(): void
  finish(summary: ColorizeSummary): void
}

/** One JSON object per line, each with a `type`: warning, coloured, kept, skipped, stopping, end. */
export function colorizeJson(stream: NodeJS.WritableStream = process.stdout): ColorizeOutput {
  const write = (value: object) => void stream.write(`${printableJson(value)}\n`)
  return {
    warning: (message) => write({ type: 'warning', message }),
    coloured: (input, output) => write({ type: 'coloured', input, output }),
    kept: (input, output) => write({ type: 'kept', input, output }),
    skipped: (file, reason) => write({ type: 'skipped', file, reason }),
    stopping: () => write({ type: 'stopping' }),
    close: () => {},
    finish: (summary) => write({ type: 'end', ...summary }),
  }
}

/** Progress, a line for each skipped file, and a summary. `again` is the command that goes on after Ctrl-C. */
export function colorizeText(
  total: number,
  again: string,
  stream: NodeJS.WriteStream = process.stdout,
): ColorizeOutput {
  let progress: Progress | undefined
  const drawn = () => {
    progress ??= new Progress({ label: 'Colouring', unit: 'picture', from: 0, total, stream })
    return progress
  }
  let done = 0
  return {
    warning: (message) => drawn().log(colors.yellow(`! ${printable(message)}`)),
    coloured: () => drawn().update(++done),
    kept: () => drawn().update(++done),
    skipped: (file, reason) => drawn().log(colors.yellow(`! Skipped ${printable(`${file}: ${reason}`)}`)),
    stopping: () => drawn().log('Stopping after this picture; Ctrl-C again ends at once.'),
    close: () => progress?.stop(),
    finish: ({ coloured, kept, skipped, left, out }) => {
      const before = kept > 0 ? `, ${kept} ${kept === 1 ? 'was' : 'were'} done before` : ''
      const rest = skipped > 0 ? `, skipped ${count(skipped, 'file')}` : ''
      stream.write(`Coloured ${count(coloured, 'picture')} into ${printable(out)}${before}${rest}\n`)
      if (left > 0) {
        const done = total - left
        stream.write(`Stopped after ${done} of ${count(total, 'picture')}. Continue with:\n  ${again}\n`)
      }
    },
  }
}
