import type { Hint, Rgb } from '@dlkit/gan-colorize/painting'

/** What the page asks of the worker. */
export type Request =
  | { type: 'open'; drawing: number; width: number; height: number; rgba: Uint8ClampedArray<ArrayBuffer> }
  | { type: 'colour'; drawing: number; request: number; strokes: Hint[]; palette: Rgb[] | undefined }
  | { type: 'layers' }

/** What the worker answers. */
export type Answer =
  | { type: 'ready'; runsOn: string }
  | {
      type: 'coloured'
      drawing: number
      request: number
      /** The painted drawing, RGBA. */
      rgba: Uint8ClampedArray<ArrayBuffer>
      milliseconds: number
    }
  /** The colours of the newest painting, on white paper, RGBA. */
  | { type: 'layers'; colours: Uint8ClampedArray<ArrayBuffer> }
  | { type: 'failed'; message: string }

/** What the page is told beside its files. */
export interface Settings {
  size: number
  multiple: number
  takesHints: boolean
  /** The name of the picture that is shown first. */
  picture: string | null
}

/** The address of a file of this site; a local server asks for the token that the page was opened with. */
export function addressOf(name: string): string {
  const token = new URLSearchParams(self.location.search).get('token')
  return token === null ? name : `${name}?token=${encodeURIComponent(token)}`
}
