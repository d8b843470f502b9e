import { fileURLToPath } from 'node:url'
import { runtimeFolder, script, style, worker } from '#page'
import { icon, pageHtml } from './page-html.js'
import { RUNTIME } from './runtime-files.js'

/** A network that colours, as an ONNX file. */
export interface PaintModel {
  /**
   * From `[1, height, width, 6]`, line art and `hintPlanes` of `@dlkit/gan-colorize`, or `[1, height, width, 1]` where it takes
   * no strokes, to `[1, height, width, 3]`; all in [-1, 1].
   */
  onnx: Uint8Array
  /** The side of the pictures that it was trained on. */
  size: number
  /** What height and width have to be a multiple of. */
  multiple: number
  /** Whether it takes strokes. */
  takesHints: boolean
}

/** The picture that the page shows first. */
export interface PaintPicture {
  name: string
  /** A file in a format that browsers show. */
  bytes: Uint8Array
}

export interface SiteArgs {
  model: PaintModel
  picture?: PaintPicture
}

export interface SiteFile {
  type: string
  /** Content, or the path of a file that has it. */
  body: string | Uint8Array | { path: string }
}

const typeOf = (name: string) => (name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript')

/**
 * Everything that the page is made of, by name.
 *
 * @param token of addresses, for a server that asks for one.
 */
export function siteFiles({ model, picture }: SiteArgs, token?: string): Map<string, SiteFile> {
  const { onnx, size, multiple, takesHints } = model
  const settings = { size, multiple, takesHints, picture: picture?.name ?? null }
  const javascript = 'text/javascript; charset=utf-8'
  return new Map<string, SiteFile>([
    ['index.html', { type: 'text/html; charset=utf-8', body: pageHtml(token) }],
    ['page.js', { type: javascript, body: script }],
    ['worker.js', { type: javascript, body: worker }],
    ['page.css', { type: 'text/css; charset=utf-8', body: style }],
    ['icon.svg', { type: 'image/svg+xml', body: icon }],
    ['settings.json', { type: 'application/json', body: JSON.stringify(settings) }],
    ['model.onnx', { type: 'application/octet-stream', body: onnx }],
    ...RUNTIME.map((name): [string, SiteFile] => [
      name,
      { type: typeOf(name), body: { path: fileURLToPath(new URL(name, runtimeFolder)) } },
    ]),
    ...(picture
      ? [['picture', { type: 'application/octet-stream', body: picture.bytes }] as [string, SiteFile]]
      : []),
  ])
}
