import { setTimeout as sleep } from 'node:timers/promises'
import type { Callback } from '../callback.js'
import { runCommandsIn, takeAllBack, takeBack } from '../run-control.js'

/** Options of `obeyCommands`. */
export interface ObeyCommandsArgs {
  /** The run folder. */
  folder: string
  /** Writes a checkpoint of this step. */
  checkpoint: (step: number) => unknown
  /** The signal of the loop: a training that pauses hears it. */
  signal?: AbortSignal | undefined
}

const PAUSE = 250

/**
 * Lets a dashboard or a script pause, go on, save and stop a training, through `giveRunCommand`. Put it last. Commands are
 * looked for four times a second, between two steps; what an earlier process was told is forgotten.
 */
export function obeyCommands({ folder, checkpoint, signal }: ObeyCommandsArgs): Callback {
  let looked = Number.NEGATIVE_INFINITY
  const obey = async (step: number): Promise<string[]> => {
    looked = performance.now()
    const commands = runCommandsIn(folder)
    if (commands.includes('checkpoint')) {
      takeBack(folder, 'checkpoint')
      await checkpoint(step)
    }
    return commands
  }
  return {
    name: 'obeyCommands',
    onStart: () => takeAllBack(folder),
    async onStep({ step, stop }) {
      if (performance.now() - looked < PAUSE) return
      let commands = await obey(step)
      while (commands.includes('pause') && !commands.includes('stop') && !signal?.aborted) {
        await sleep(PAUSE)
        commands = await obey(step)
      }
      if (commands.includes('stop')) stop('it was told to')
    },
    dispose: () => takeAllBack(folder),
  }
}
