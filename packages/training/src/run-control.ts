import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from './names-in.js'

/** What a training can be told while it runs. */
export type RunCommand = 'pause' | 'resume' | 'checkpoint' | 'stop'

const COMMANDS = ['pause', 'resume', 'checkpoint', 'stop']

/** Whether a value is one of the commands that a training obeys. */
export function isRunCommand(value: unknown): value is RunCommand {
  return typeof value === 'string' && COMMANDS.includes(value)
}

/**
 * Tells the process that trains in a run folder what to do: an empty file `control/<command>` in it, which `obeyCommands`
 * finds. `resume` takes `pause` back.
 *
 * @throws {Error} when the folder of commands is something else.
 */
export function giveRunCommand(folder: string, command: RunCommand): void {
  const control = join(folder, 'control')
  if (command === 'resume') {
    takeBack(folder, 'pause')
    return
  }
  mkdirSync(control, { recursive: true })
  // Through a link it would be written anywhere on the machine.
  if (!lstatSync(control).isDirectory())
    throw new Error(`${control}: expected a folder of its own. Remove it.`)
  writeFileSync(join(control, command), '')
}

/** The commands that wait in a run folder. */
export function runCommandsIn(folder: string): string[] {
  return namesIn(join(folder, 'control'))
}

export function takeBack(folder: string, command: RunCommand): void {
  rmSync(join(folder, 'control', command), { force: true })
}

export function takeAllBack(folder: string): void {
  rmSync(join(folder, 'control'), { recursive: true, force: true })
}
