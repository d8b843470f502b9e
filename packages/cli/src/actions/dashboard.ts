import { statSync } from 'node:fs'
import { type Dashboard, dashboard } from '@dlkit/dashboard'
import { whole } from '../config/option-values.js'
import { exitCodes, Failure } from '../errors.js'
import { command } from '../output/command.js'
import { Output, type OutputOptions } from '../output/output.js'
import { stopOnSignal, stopped } from './stop-on-signal.js'

export interface DashboardOptions extends OutputOptions {
  port?: string
  allowControl?: true
}

/** Serves the page until Ctrl-C. @returns the exit code. */
export async function dashboardAction(folder = 'runs', options: DashboardOptions): Promise<number> {
  const output = new Output(options)
  const port = options.port === undefined ? 0 : whole('--port', options.port, 0)
  const stopping = stopOnSignal(() => {})
  try {
    const { url, close } = await openDashboard(folder, { port, allowControl: options.allowControl ?? false })
    output.json({ folder, url })
    output.print(url)
    output.say('Ctrl-C ends the dashboard.')
    await stopped(stopping.signal)
    await close()
    return exitCodes.done
  } finally {
    stopping.release()
  }
}

/** A dashboard whose refusals go to stderr. @throws Failure when there is no such folder. */
export async function openDashboard(
  folder: string,
  { port = 0, allowControl }: { port?: number; allowControl: boolean },
): Promise<Dashboard> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(
      `${folder}: no such folder. Train first, or name another one: ${command()} dashboard DIR`,
    )
  const token = process.env.DLKIT_DASHBOARD_TOKEN
  return dashboard({
    folder,
    port,
    allowControl,
    ...(token && { token }),
    onRefused: (line) => process.stderr.write(`dlkit: dashboard: ${line}\n`),
  })
}
