import { printable } from '@dlkit/monitors/printable'

/** The first line of the message of whatever was thrown. */
export const errorText = (error: unknown): string =>
  printable((error instanceof Error ? error.message : String(error)).trim().split(/[\r\n]/)[0]!)
