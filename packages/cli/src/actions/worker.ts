import { namedOrDefault } from '../config/default-file.js'
import { whole } from '../config/option-values.js'
import { exitCodes } from '../errors.js'
import { Output, type OutputOptions } from '../output/output.js'
import { objectiveUrl } from '../search/objective-url.js'
import { spaceOf, trialSettings } from '../search/search-settings.js'
import { chooseEngine } from './choose-engine.js'
import { stopOnSignal } from './stop-on-signal.js'

export interface WorkerArgs extends OutputOptions {
  engine?: string
  redis: string
  folder: string
  parallel?: string
}

/** Trains trials of `dlkit tune --redis` until it is stopped. @returns the exit code. */
export async function workerAction(named: string | undefined, args: WorkerArgs): Promise<number> {
  const output = new Output(args)
  const file = namedOrDefault(named)
  const parallel = whole('--parallel', args.parallel ?? '1', 1)
  const settings = trialSettings(file, { ...(args.engine !== undefined && { engine: args.engine }) })
  await chooseEngine(args.engine)
  await spaceOf(file)
  const { startWorker } = await import('@dlkit/search')
  const worker = await startWorker({
    connection: { url: args.redis },
    module: objectiveUrl(settings),
    folder: args.folder,
    parallel,
  })
  output.json({ type: 'ready', folder: args.folder, parallel })
  output.say(`Waiting for trials; Ctrl-C gives the running ones back`)
  await new Promise<void>((resolve) => {
    const { signal } = stopOnSignal(() =>
      output.say('Stopping: running trials are given back. Ctrl-C again kills at once.'),
    )
    signal.addEventListener('abort', () => resolve())
  })
  await worker.close()
  output.json({ type: 'end' })
  return exitCodes.done
}
