import { type ChildProcess, fork } from 'node:child_process'
import pLimit from 'p-limit'
import { PictureError } from '../errors.js'
import { type DecodeSettings, tooSlow } from './decode.js'
import type { Picture, PictureHeader } from './picture.js'

/** What the process is asked for: plain data. */
export interface DrawingRequest {
  readonly bytes: Uint8Array
  /** Left out where only the header is wanted. */
  readonly settings?: DecodeSettings
}

export type DrawingAnswer =
  | { readonly picture: Picture }
  | { readonly header: PictureHeader }
  | { readonly reason: string }

const IDLE_MILLISECONDS = 2000

/**
 * Draws SVGs in a process of its own, since nothing else can be ended: a drawing of three kilobytes can keep a decoder
 * busy for hours, or make it use all memory. What the decoder writes to stderr is dropped. The process ends when it had
 * nothing to do for two seconds, and with this one, however that ends.
 */
class DrawingProcess {
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  readonly #one = pLimit(1)

  /** @throws {PictureError} when it takes longer than `seconds`, or the process ends. */
  ask(file: string, request: DrawingRequest, seconds: number): Promise<DrawingAnswer> {
    return this.#one(() => this.#ask(file, request, seconds))
  }

  async #ask(file: string, request: DrawingRequest, seconds: number): Promise<DrawingAnswer> {
    clearTimeout(this.#idle)
    this.#child ??= start()
    const child = this.#child
    child.ref()
    child.channel?.ref()
    let timer: NodeJS.Timeout | undefined
    try {
      const answer = await new Promise<DrawingAnswer>((resolve, reject) => {
        timer = setTimeout(() => reject(new PictureError(file, tooSlow(seconds))), 1000 * seconds)
        child.once('message', (message) => resolve(message as DrawingAnswer))
        child.once('exit', (code, signal) => {
          reject(new PictureError(file, `the process that draws it has ended (${signal ?? code})`))
        })
        child.once('error', reject)
        child.send(request, (error) => error && reject(error))
      })
      this.#rest(child)
      return answer
    } catch (error) {
      this.#end(child)
      throw error
    } finally {
      clearTimeout(timer)
      child.removeAllListeners()
    }
  }

  #rest(child: ChildProcess): void {
    child.unref()
    child.channel?.unref()
    this.#idle = setTimeout(() => this.#end(child), IDLE_MILLISECONDS).unref()
  }

  #end(child: ChildProcess): void {
    child.removeAllListeners()
    child.kill('SIGKILL')
    if (this.#child === child) this.#child = undefined
  }
}

/** Ctrl-C is for this process; the other ends when it is not needed any more. */
function start(): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts')
  return fork(new URL(`./drawing-child.${isSource ? 'ts' : 'js'}`, import.meta.url), {
    detached: true,
    execArgv: isSource ? ['--import', import.meta.resolve('tsx')] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

export const drawings = new DrawingProcess()
