import { readFile } from 'node:fs/promises'
import { type LocalServer, type LocalServerArgs, localServer } from '@dlkit/dashboard/local-server'
import { type SiteArgs, siteFiles } from './site-files.js'

/** Options of `paint`. */
export interface PaintArgs extends SiteArgs, LocalServerArgs {}

/**
 * Serves a page on which line art is coloured and steered with strokes. The network runs in the browser; only this machine can
 * open the page, and nothing is written. Throws when the port is taken.
 */
export function paint({ model, picture, ...server }: PaintArgs): Promise<LocalServer> {
  return localServer(
    {
      name: 'paint',
      isolated: true,
      routes(app, { token }) {
        for (const [name, { type, body }] of siteFiles({ model, ...(picture && { picture }) }, token)) {
          app.get(name === 'index.html' ? '/' : `/${name}`, async (context) => {
            const content =
              typeof body === 'object' && 'path' in body ? new Uint8Array(await readFile(body.path)) : body
            return context.body(typeof content === 'string' ? content : new Uint8Array(content), 200, {
              'Content-Type': type,
            })
          })
        }
      },
    },
    server,
  )
}
