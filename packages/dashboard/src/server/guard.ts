import { timingSafeEqual } from 'node:crypto'
import { printable } from '@dlkit/monitors/printable'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'

const LONGEST_ADDRESS = 8192
const LARGEST_BODY = 1024

export interface GuardArgs {
  token: string
  /** The hosts by which this server may be called, with port. */
  hosts: () => readonly string[]
  /** Told of each refused request, in one line. */
  onRefused: (line: string) => void
  /** For pages that compute: workers, WebAssembly and its threads, pictures that the user hands over. */
  isolated?: boolean
}

/** Thrown where a request is refused: logged, and answered with the status. */
export function refusal(
  status: 400 | 401 | 403 | 404 | 405 | 413 | 414 | 415,
  message: string,
): HTTPException {
  return new HTTPException(status, { message })
}

/**
 * Lets only the page of this server in: called by its own address (no DNS rebinding), from no other page, with the token.
 */
export function guard({ token, hosts, onRefused, isolated = false }: GuardArgs): MiddlewareHandler[] {
  return [
    async (context, next) => {
      await next()
      const { status } = context.res
      if (status < 400 || status >= 500) return
      const reason = context.error?.message ?? 'no such address'
      const { pathname } = new URL(context.req.url)
      onRefused(printable(`refused ${context.req.method} ${pathname.slice(0, 200)}: ${status}, ${reason}`))
    },
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: isolated ? ["'self'", "'wasm-unsafe-eval'"] : ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: isolated ? ["'self'", 'blob:'] : ["'self'"],
        connectSrc: ["'self'"],
        ...(isolated && { workerSrc: ["'self'"] }),
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
      ...(isolated && { crossOriginEmbedderPolicy: 'require-corp' }),
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
      strictTransportSecurity: false,
    }),
    async ({ req, header }, next) => {
      header('Cache-Control', 'no-store')
      if (req.raw.url.length > LONGEST_ADDRESS) throw refusal(414, 'the address is too long')
      const host = req.header('host')
      if (host === undefined || !hosts().includes(host)) throw refusal(403, 'called by another host name')
      const origin = req.header('origin')
      if (origin !== undefined && !hosts().some((own) => origin === `http://${own}`))
        throw refusal(403, 'called from another page')
      const site = req.header('sec-fetch-site')
      if (site !== undefined && site !== 'same-origin' && site !== 'none')
        throw refusal(403, 'called from another page')
      if (!isEqual(tokenOf(req), token)) throw refusal(401, 'the token is missing or wrong')
      await next()
    },
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: () => {
        throw refusal(413, 'the body is too large')
      },
    }),
  ]
}

/** Pictures and streams of events cannot have headers of their own. */
function tokenOf(req: { header(name: string): string | undefined; query(name: string): string | undefined }) {
  return /^Bearer (\S+)$/.exec(req.header('authorization') ?? '')?.[1] ?? req.query('token') ?? ''
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
