import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '@dlkit/training/files'
import type { Job } from 'bullmq'
import { checkWhole } from '../check-keys.js'
import type { Outcome } from '../executor.js'
import {
  encode,
  loadBull,
  nameOf,
  openQueue,
  patient,
  type QueueOptions,
  type TrialJob,
} from './queue-connection.js'
import { reportsOf } from './redis-queue.js'
import { type ChildOptions, checkChildOptions, runInChild } from './run-in-child.js'

/** Options of `startWorker`, times in seconds. */
export interface WorkerOptions extends QueueOptions, ChildOptions {
  /** Holds a folder per trial. If all machines share it, a trial goes on elsewhere from its checkpoint. */
  folder: string
  /** Trials at the same time (1). */
  parallel?: number
  /** Seconds without a sign of life after which another worker takes the trials of this one (30). */
  lock?: number
}

/** A worker that runs; made by {@link startWorker}. */
export interface SearchWorker {
  /** Interrupts the trials, gives them back to the queue, and ends. */
  close(): Promise<void>
}

/** How many workers a trial may take down before it counts as failed. */
const STALLS = 5

/**
 * Takes trials from the queue of {@link redisQueue} and runs each in a process of its own, until it is closed. Throws if no
 * Redis answers within ten seconds.
 *
 * @throws {RangeError} when lock is not above 0 seconds.
 */
export async function startWorker(options: WorkerOptions): Promise<SearchWorker> {
  checkChildOptions('startWorker', options, ['connection', 'queue', 'poll', 'folder', 'parallel', 'lock'])
  const { folder, parallel = 1, lock = 30, poll = 1 } = options
  checkWhole('startWorker', 'parallel', parallel, 1)
  if (!(lock > 0))
    throw new RangeError(`startWorker: expected lock above 0 seconds, got ${lock}. Leave it out for 30.`)
  const queue = await openQueue('startWorker', options)
  const { Worker, WaitingError } = await loadBull('startWorker')
  let isClosing = false

  const run = async (
    job: Job<TrialJob, string>,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<string> => {
    const id = job.id!
    const own = join(folder, id)
    mkdirSync(own, { recursive: true })
    const saved = join(own, 'outcome.json')
    if (existsSync(saved)) return readFileSync(saved, 'utf8')
    let isLost = false
    const stop = new AbortController()
    const abort = () => stop.abort()
    signal.addEventListener('abort', abort)
    const reports = new Map(reportsOf(job.progress))
    const lookForOrder = async () => {
      const order = (await queue.getJob(id))?.data.order
      if (order === 'stop') stop.abort()
      return order
    }
    const looking = setInterval(() => lookForOrder().catch(() => {}), poll * 1000)
    try {
      await lookForOrder()
      const outcome = await runInChild(
        childOptionsOf(options),
        { ...job.data, id, folder: own },
        {
          signal: stop.signal,
          async report(step, value) {
            reports.set(step, value)
            try {
              await job.updateProgress({ text: encode({ reports: [...reports] }) })
              const order = await lookForOrder()
              return order === 'prune' || order === 'pause' ? order : 'continue'
            } catch {
              // The job is gone, as with a Redis that has lost it; the search adds it again.
              isLost = true
              stop.abort()
              return 'continue'
            }
          },
        },
      )
      if (outcome.state === 'interrupted' && isClosing) {
        await job.moveToWait(token)
        throw new WaitingError()
      }
      if (outcome.state === 'interrupted' && (isLost || signal.aborted))
        throw new Error('the trial is not of this worker any more')
      if (isFinal(outcome)) replaceFile(saved, encode(outcome))
      return encode(outcome)
    } finally {
      clearInterval(looking)
      signal.removeEventListener('abort', abort)
    }
  }

  const worker = new Worker<TrialJob, string>(
    nameOf(options),
    (job, token, signal) => run(job, token, signal!),
    {
      connection: patient(options.connection),
      concurrency: parallel,
      lockDuration: lock * 1000,
      stalledInterval: lock * 1000,
      maxStalledCount: STALLS,
      runRetryDelay: 1000,
    },
  )
  // While Redis is away everything is tried again; what is lost then is known by its locks.
  worker.on('error', () => {})
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id)
  })
  return {
    async close() {
      isClosing = true
      worker.cancelAllJobs()
      await worker.close()
      await queue.close()
    },
  }
}

function isFinal({ state }: Outcome): boolean {
  return state === 'complete' || state === 'failed'
}

function childOptionsOf({ module, timeout, silence, memory, grace }: WorkerOptions): ChildOptions {
  return {
    module,
    ...(timeout !== undefined && { timeout }),
    ...(silence !== undefined && { silence }),
    ...(memory !== undefined && { memory }),
    ...(grace !== undefined && { grace }),
  }
}
