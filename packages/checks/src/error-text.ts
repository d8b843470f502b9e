import { printable } from '@dlkit/monitors/printable'

/** The message of whatever was thrown, in one line. */
export const errorText = (error: unknown): string =>
  printable((error instanceof Error ? error.message : String(error)).trim())
