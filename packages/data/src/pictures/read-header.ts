import { header } from './decode.js'
import { drawings } from './drawing-process.js'
import { drawingText, holdsPixels } from './drawing-text.js'
import type { PictureHeader } from './picture.js'
import { defaultLimits } from './picture-limits.js'

/** Reads the header of a picture file. Throws an error for what is no picture. */
export async function readHeader(bytes: Uint8Array): Promise<PictureHeader> {
  if (holdsPixels(bytes)) return header(bytes)
  const file = 'SVG'
  const text = await drawingText(file, bytes)
  const answer = await drawings.ask(file, { bytes: text }, defaultLimits.seconds)
  if (!('header' in answer)) throw new Error('reason' in answer ? answer.reason : 'no header')
  return { ...answer.header, bytes: bytes.length }
}
