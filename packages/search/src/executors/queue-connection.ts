import type { Queue } from 'bullmq'
import { decodeLine, encodeLine } from '../journal/encoding.js'
import type { Params } from '../space.js'

/** Where Redis is; other settings of ioredis (`tls`, `username` …) are passed on. */
export interface RedisConnection {
  /** E.g. `redis://user:password@host:6379`; instead of host and port. */
  url?: string
  /** Name or address of the machine ('127.0.0.1'). */
  host?: string
  /** 1 to 65535 (6379). */
  port?: number
  [setting: string]: unknown
}

/** Where the queue of trials is, and its times in seconds. */
export interface QueueOptions {
  connection: RedisConnection
  /** The queue that search and workers share (`'dlkit-search'`). */
  queue?: string
  /** Seconds between two looks at a trial (1): how late a decision comes at most. */
  poll?: number
}

/** What a job tells a worker. */
export interface TrialJob {
  study: string
  number: number
  params: Params
  settings?: Readonly<Record<string, unknown>>
  order?: 'prune' | 'pause' | 'stop'
}

/** Numbers of any kind and nothing that JSON loses. */
export const encode = (value: object) => encodeLine(value)
export const decode = <T>(text: unknown): T | undefined =>
  typeof text === 'string' ? (decodeLine(text) as T) : undefined

const PATIENCE_MILLISECONDS = 10_000

/** BullMQ is loaded when it is used first; it and ioredis are optional. */
export async function loadBull(caller: string): Promise<typeof import('bullmq')> {
  try {
    return await import('bullmq')
  } catch (error) {
    throw new Error(`${caller}: expected BullMQ and ioredis to be installed. Run npm i bullmq ioredis.`, {
      cause: error,
    })
  }
}

/** Settings under which commands wait while Redis is away, as during a restart. */
export function patient({ url, ...settings }: RedisConnection) {
  return { ...(url !== undefined && { url }), ...settings, maxRetriesPerRequest: null }
}

/** Opens the queue. Throws if no Redis answers within ten seconds. */
export async function openQueue(caller: string, options: QueueOptions): Promise<Queue<TrialJob, string>> {
  const { Queue } = await loadBull(caller)
  const queue = new Queue<TrialJob, string>(nameOf(options), { connection: patient(options.connection) })
  let reason = 'no answer'
  queue.on('error', (error) => {
    reason = (error as NodeJS.ErrnoException).code ?? error.message
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${caller}: ${unreachable(options.connection, reason)}`)),
      PATIENCE_MILLISECONDS,
    )
  })
  try {
    await Promise.race([queue.waitUntilReady(), late])
    return queue
  } catch (error) {
    void queue.disconnect().catch(() => {})
    throw error
  } finally {
    clearTimeout(timer)
  }
}

export function nameOf({ queue = 'dlkit-search' }: QueueOptions): string {
  return queue
}

function unreachable({ url, host = 'localhost', port = 6379 }: RedisConnection, reason: string): string {
  const address = url === undefined ? `${host}:${port}` : url.replace(/\/\/.*@/, '//')
  return `expected a Redis at ${address}, got ${reason}. Start one with redis-server, or correct connection.`
}
