import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { PictureError } from '../errors.js'
import { PictureReader, type PictureReaderArgs } from './picture-reader.js'
import { startThread } from './start-thread.js'
import { type TaskName, type Tasks, taskHandlers } from './tasks.js'

export interface Request {
  readonly id: number
  readonly name: TaskName
  readonly args: unknown
}

export type Answer =
  | { readonly result: object }
  | { readonly file: string; readonly reason: string }
  | { readonly error: Error }

interface Job extends Request {
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

interface Thread {
  readonly worker: Worker
  readonly jobs: Map<number, Job>
}

export interface WorkerPoolArgs extends PictureReaderArgs {
  /** Threads besides the main one; 0 works in the main thread. */
  workers: number
}

/** Does tasks in worker threads, in the order in which they are asked for. A thread that dies is replaced. */
export class WorkerPool {
  readonly #reader: PictureReaderArgs
  readonly #local: PictureReader | undefined
  readonly #threads: Thread[] = []
  readonly #startThread: typeof startThread
  #jobs = 0
  #closed = false

  /** @param start starts a thread, as `startThread` does. */
  constructor({ workers, ...reader }: WorkerPoolArgs, start = startThread) {
    checkWorkers(workers)
    this.#reader = reader
    this.#startThread = start
    if (workers === 0) this.#local = new PictureReader(reader)
    for (let count = 0; count < workers; count++) this.#threads.push(this.#start())
  }

  /** Throws a PictureError where the picture cannot be used. */
  run<Name extends TaskName>(name: Name, args: Tasks[Name]['args']): Promise<Tasks[Name]['result']> {
    if (this.#closed) return Promise.reject(new Error('WorkerPool: expected an open pool, got a closed one.'))
    if (this.#local) return taskHandlers[name](args, this.#local)
    return new Promise((resolve, reject) => {
      this.#handOut({ id: this.#jobs++, name, args, resolve, reject })
    })
  }

  /** Ends the threads. Tasks that are not done yet are rejected. */
  async close(): Promise<void> {
    this.#closed = true
    const threads = this.#threads.splice(0)
    const jobs = threads.flatMap(({ jobs: own }) => [...own.values()])
    for (const { jobs: own } of threads) own.clear()
    for (const { reject } of jobs) reject(new Error('WorkerPool: the pool was closed.'))
    await Promise.all(
      threads.map(({ worker }) => {
        // The process must not end before the threads have.
        worker.ref()
        return worker.terminate()
      }),
    )
  }

  #start(): Thread {
    const thread: Thread = { worker: this.#startThread(this.#reader), jobs: new Map() }
    thread.worker.on('message', (message: { id: number } & Answer) => this.#finish(thread, message))
    thread.worker.on('error', (error) => this.#replace(thread, error))
    thread.worker.on('exit', (code) => this.#replace(thread, new Error(`exit code ${code}`)))
    // Nothing to do keeps no process alive.
    thread.worker.unref()
    return thread
  }

  /**
   * Posts a job at once to the thread with the fewest. Threads keep their own queues: the main thread may be busy with
   * a training step when a job is done, and could not give them the next one.
   */
  #handOut({ resolve, reject, ...request }: Job): void {
    const { worker, jobs } = this.#threads.reduce((least, other) =>
      other.jobs.size < least.jobs.size ? other : least,
    )
    worker.postMessage(request satisfies Request)
    if (jobs.size === 0) worker.ref()
    jobs.set(request.id, { ...request, resolve, reject })
  }

  #finish(thread: Thread, answer: { id: number } & Answer): void {
    const job = thread.jobs.get(answer.id)
    // Rejected when the pool was closed.
    if (!job) return
    thread.jobs.delete(answer.id)
    if (thread.jobs.size === 0) thread.worker.unref()
    if ('result' in answer) job.resolve(answer.result as never)
    else if ('error' in answer) job.reject(answer.error)
    else job.reject(new PictureError(answer.file, answer.reason))
  }

  /** The jobs of a dead thread fail; one of them has probably killed it. */
  #replace(thread: Thread, error: Error): void {
    const place = this.#threads.indexOf(thread)
    if (place < 0) return
    this.#threads[place] = this.#start()
    for (const { reject } of thread.jobs.values()) {
      reject(new Error(`WorkerPool: a worker thread died (${error.message}).`, { cause: error }))
    }
  }
}

/** As many threads as the machine can run at once, 8 at most; none for a few pictures, which are done sooner. */
export function defaultWorkers(pictures: number): number {
  return pictures < 64 ? 0 : Math.min(8, availableParallelism())
}

function checkWorkers(workers: number): void {
  if (Number.isInteger(workers) && workers >= 0 && workers <= 64) return
  throw new RangeError(
    `WorkerPool: expected workers to be a whole number from 0 to 64, got ${workers}. Choose e.g. 2.`,
  )
}
