import { printable, printableJson } from '@dlkit/monitors/printable'
import colors from 'picocolors'

/** Options of every command that prints. */
export interface OutputOptions {
  json?: true | undefined
  quiet?: true | undefined
}

/** What a command prints on stdout: JSON lines with `--json`, otherwise text for people, with `--quiet` results only. */
export class Output {
  constructor(
    private readonly options: OutputOptions,
    private readonly stream: NodeJS.WritableStream = process.stdout,
  ) {}

  /** What goes on, and hints. */
  say(text: string): void {
    if (!this.options.quiet) this.print(text)
  }

  /** Something to look out for. */
  warn(text: string): void {
    this.print(colors.yellow(`! ${printable(text)}`))
  }

  /** A result. */
  print(text: string): void {
    if (!this.options.json) this.stream.write(`${text}\n`)
  }

  /** The same for programs. */
  json(value: object): void {
    if (this.options.json) this.stream.write(`${printableJson(value)}\n`)
  }
}
