import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { printable } from '@dlkit/monitors/printable'
import { type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type GuardArgs, guard } from './guard.js'

/** Options of `localServer`. */
export interface LocalServerArgs {
  /** 0 (the default) takes a free one. */
  port?: number
  /** `'127.0.0.1'` (the default), `'::1'` or `'localhost'`: nobody else can reach it. */
  host?: string
  /** What the address must hold; at least 16 letters, digits, `-` or `_`. Random if unset. */
  token?: string
  /** Told of refused requests, a line each; `console.warn` if unset. */
  onRefused?: (line: string) => void
}

/** A server on this machine that is running. */
export interface LocalServer {
  /** The address with its token. Whoever knows it can read what is served. */
  url: string
  /** Ends all connections. */
  close(): Promise<void>
}

/** What a local server serves. */
export interface Served extends Pick<GuardArgs, 'isolated'> {
  /** Of its messages. */
  name: string
  routes(app: Hono, context: { token: string; onFailed: (error: Error) => void; signal: AbortSignal }): void
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']
const TOKEN = /^[\w-]{16,128}$/

/**
 * Serves pages that only this machine can open, and only with the token. Throws when the port is taken.
 *
 * @throws {RangeError} when host is not of this machine, the token is shorter than 16, or port is not from 0 to 65535.
 */
export async function localServer(
  { name, routes, isolated }: Served,
  {
    port = 0,
    host = '127.0.0.1',
    token = randomBytes(24).toString('base64url'),
    onRefused = (line) => console.warn(`${name}: ${line}`),
  }: LocalServerArgs,
): Promise<LocalServer> {
  if (!LOOPBACK.includes(host))
    throw new RangeError(
      `${name}: expected host to be 127.0.0.1, ::1 or localhost, got ${host}. To watch from another machine use: ssh -L`,
    )
  if (!TOKEN.test(token))
    throw new RangeError(
      `${name}: expected token of at least 16 letters, digits, - or _, got ${token.length} characters. Leave it out for a random one.`,
    )
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`${name}: expected port from 0 to 65535, got ${port}. Leave it out for a free one.`)
  const closing = new AbortController()
  let hosts: string[] = []

  const app = new Hono()
  app.use(...guard({ token, hosts: () => hosts, onRefused, ...(isolated && { isolated }) }))
  const onFailed = (error: Error) => onRefused(printable(`failed: ${error.message}`))
  routes(app, { token, onFailed, signal: closing.signal })
  app.onError((error, context) => {
    if (error instanceof HTTPException) return context.text(error.message, error.status)
    onFailed(error)
    return context.text(`the ${name} failed; its terminal says why`, 500)
  })

  const server = await listen(app, { name, hostname: host, port })
  const { port: taken } = server.address() as AddressInfo
  hosts = [host === '::1' ? '[::1]' : host, '127.0.0.1', 'localhost'].map((known) => `${known}:${taken}`)
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

function listen(
  app: Hono,
  { name, hostname, port }: { name: string; hostname: string; port: number },
): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, () => resolve(server))
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(
              `${name}: port ${port} of ${hostname} is taken. Choose another one, or 0 for a free one.`,
            )
          : error,
      ),
    )
  })
}
