import { setTimeout as sleep } from 'node:timers/promises'
import type { Queue } from 'bullmq'
import { checkKeys } from '../check-keys.js'
import type { Executor, Outcome, TrialHooks, TrialRequest } from '../executor.js'
import type { Params } from '../space.js'
import { decode, openQueue, type QueueOptions, type TrialJob } from './queue-connection.js'

export interface RedisQueueOptions extends QueueOptions {
  /** Plain JSON that every trial gets beside its parameters, on whatever machine. */
  settings?: Readonly<Record<string, unknown>>
}

const GRACE_MILLISECONDS = 15_000

/**
 * Runs trials on the machines that run {@link startWorker}, through BullMQ on a Redis. The journal stays with the search.
 *
 * A trial is one job, however often it is asked for: duplicates, restarts of Redis, of workers and of the search do not
 * train it twice. Pruning and pausing come up to `poll` seconds late.
 */
export function redisQueue(options: RedisQueueOptions): Executor<Params> {
  checkKeys('redisQueue', options, ['connection', 'queue', 'poll', 'settings'])
  const { poll = 1, settings } = options
  let opened: Promise<Queue<TrialJob, string>> | undefined
  const open = () => {
    opened ??= openQueue('redisQueue', options)
    return opened
  }
  return {
    run: async (request, hooks) =>
      follow(await open(), { ...request, ...(settings && { settings }) }, hooks, poll * 1000),
    async settled({ id }) {
      const queue = await open()
      await persist(() => queue.remove(id))
    },
    async close() {
      const queue = await opened?.catch(() => undefined)
      opened = undefined
      await queue?.close()
    },
  }
}

const KEPT = { removeOnComplete: false, removeOnFail: false }

/** Looks at the job until it has ended; adds it where it is not, as after a Redis has lost it. */
async function follow(
  queue: Queue<TrialJob, string>,
  { id, study, number, params, settings }: TrialRequest,
  hooks: TrialHooks,
  pause: number,
): Promise<Outcome> {
  const data: TrialJob = { study, number, params, ...(settings && { settings }) }
  const reported = new Map<number, number>()
  let order: TrialJob['order']
  let stopped: number | undefined
  for (;;) {
    const job = await persist(
      async () => (await queue.getJob(id)) ?? (await queue.add('trial', data, { jobId: id, ...KEPT })),
    )
    for (const [step, value] of reportsOf(job.progress)) {
      if (Object.is(reported.get(step), value)) continue
      reported.set(step, value)
      const decision = await hooks.report(step, value)
      if (decision !== 'continue') order = decision
    }
    if (job.finishedOn !== undefined) {
      return job.failedReason
        ? { state: 'failed', reason: `the worker gave up: ${job.failedReason}` }
        : decode<Outcome>(job.returnvalue)!
    }
    if (hooks.signal.aborted) {
      order = 'stop'
      stopped ??= Date.now()
      // A job that nobody has begun can be taken back; one that runs on a dead worker is not waited for.
      const isTakenBack = await job.remove().then(
        () => true,
        () => false,
      )
      if (isTakenBack || Date.now() - stopped > GRACE_MILLISECONDS) return { state: 'interrupted' }
    }
    // A job that is gone meanwhile gets its order when it is there again.
    if (order !== undefined && job.data.order !== order)
      await job.updateData({ ...data, order }).catch(() => {})
    await sleep(pause)
  }
}

/** What fails while Redis comes back is tried again. */
async function persist<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      await sleep(1000)
    }
  }
}

const ATTEMPTS = 30

export function reportsOf(progress: unknown): [step: number, value: number][] {
  return (
    decode<{ reports: [number, number][] }>((progress as { text?: string } | undefined)?.text)?.reports ?? []
  )
}
