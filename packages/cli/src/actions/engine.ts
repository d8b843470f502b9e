import { exitCodes } from '../errors.js'
import { chooseEngine } from './choose-engine.js'

/** Prints the engine that would train here, and why not the others. @returns the exit code. */
export async function engineAction(options: { engine?: string; json?: true }): Promise<number> {
  const engine = await chooseEngine(options.engine)
  const { name, device, version, reason, others } = engine
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ name, device, version, reason, others }, null, 2)}\n`)
    return exitCodes.done
  }
  const width = Math.max(name.length, ...others.map((other) => other.name.length))
  const lines = [
    `${name.padEnd(width)}  version ${version}, on ${device}`,
    `${''.padEnd(width)}  ${reason}`,
    ...(others.length > 0 ? ['', 'Not used:'] : []),
    ...others.map((other) => `${other.name.padEnd(width)}  ${other.reason}`),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.done
}
