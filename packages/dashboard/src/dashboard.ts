import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { printable } from '@dlkit/monitors/printable'
import { type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { script, style } from '#page'
import { RunsFolder } from './runs/runs-folder.js'
import { api } from './server/api.js'
import { guard } from './server/guard.js'
import { icon, pageHtml } from './server/page-html.js'

export interface DashboardArgs {
  /** The folder of run folders, or one run folder. */
  folder: string
  /** 0 (the default) takes a free one. */
  port?: number
  /** `'127.0.0.1'` (the default), `'::1'` or `'localhost'`: nobody else can reach it. */
  host?: string
  /** What the address must hold; at least 16 letters, digits, `-` or `_`. Random if unset. */
  token?: string
  /** Whether the page may pause, save and stop trainings; false if unset. */
  allowControl?: boolean
  /** Told of refused requests, a line each; `console.warn` if unset. */
  onRefused?: (line: string) => void
}

export interface Dashboard {
  /** The address with its token. Whoever knows it can read the runs. */
  url: string
  /** Ends all connections. */
  close(): Promise<void>
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']
const TOKEN = /^[\w-]{16,128}$/

/**
 * Serves a page that shows trainings live: curves of several runs, findings, sample grids, layers, searches. It reads run
 * folders and writes nothing but the commands that `allowControl` permits. Throws when the folder is none or the port is
 * taken.
 */
export async function dashboard({
  folder,
  port = 0,
  host = '127.0.0.1',
  token = randomBytes(24).toString('base64url'),
  allowControl = false,
  onRefused = (line) => console.warn(`dashboard: ${line}`),
}: DashboardArgs): Promise<Dashboard> {
  if (!LOOPBACK.includes(host))
    throw new RangeError(
      `dashboard: expected host to be 127.0.0.1, ::1 or localhost, got ${host}. To watch from another machine use: ssh -L`,
    )
  if (!TOKEN.test(token))
    throw new RangeError(
      `dashboard: expected token of at least 16 letters, digits, - or _, got ${token.length} characters. Leave it out for a random one.`,
    )
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(
      `dashboard: expected port from 0 to 65535, got ${port}. Leave it out for a free one.`,
    )
  const runs = new RunsFolder(folder)
  const closing = new AbortController()
  let hosts: string[] = []

  const app = new Hono()
  app.use(...guard({ token, hosts: () => hosts, onRefused }))
  app.get('/', (context) => context.html(pageHtml({ token, title: runs.path, allowControl })))
  app.get('/page.js', (context) =>
    context.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  )
  app.get('/page.css', (context) => context.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.get('/icon.svg', (context) => context.body(icon, 200, { 'Content-Type': 'image/svg+xml' }))
  const onFailed = (error: Error) => onRefused(printable(`failed: ${error.message}`))
  app.route('/api', api({ folder: runs, allowControl, signal: closing.signal, onFailed }))
  app.onError((error, context) => {
    if (error instanceof HTTPException) return context.text(error.message, error.status)
    onFailed(error)
    return context.text('the dashboard failed; its terminal says why', 500)
  })

  const server = await listen(app, host, port)
  const { port: taken } = server.address() as AddressInfo
  hosts = [host === '::1' ? '[::1]' : host, '127.0.0.1', 'localhost'].map((name) => `${name}:${taken}`)
  return {
    url: `http://${hosts[0]}/?token=${token}`,
    async close() {
      closing.abort()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

function listen(app: Hono, hostname: string, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, () => resolve(server))
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(
              `dashboard: port ${port} of ${hostname} is taken. Choose another one, or 0 for a free one.`,
            )
          : error,
      ),
    )
  })
}
