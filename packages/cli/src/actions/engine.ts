import { exitCodes } from '../errors.js'
import { Output, type OutputOptions } from '../output/output.js'
import { chooseEngine } from './choose-engine.js'

export interface EngineOptions extends OutputOptions {
  engine?: string
  speed: boolean
}

/** Prints the engine that would train here, how fast each trains, and why not the others. @returns the exit code. */
export async function engineAction(options: EngineOptions): Promise<number> {
  const output = new Output(options)
  const engine = await chooseEngine(options.engine)
  const { name, device, version, reason, others } = engine
  const speeds = options.speed ? await speedsOf([name, ...others.map((other) => other.name)]) : {}
  const speedOf = (engine: string) => (speeds[engine] === undefined ? {} : { stepsPerSecond: speeds[engine] })
  output.json({
    name,
    device,
    version,
    reason,
    ...speedOf(name),
    others: others.map((other) => ({ ...other, ...speedOf(other.name) })),
  })
  const width = Math.max(name.length, ...others.map((other) => other.name.length))
  const line = (first: string, text: string) => output.print(`${first.padEnd(width)}  ${text}`)
  const speed = (engine: string) =>
    speeds[engine] === undefined ? '' : `; ${rounded(speeds[engine])} steps/s here`
  line(name, `version ${version}, on ${device}${speed(name)}`)
  if (options.quiet) return exitCodes.done
  line('', reason)
  if (others.length > 0) output.say('\nNot used:')
  for (const other of others) line(other.name, `${other.reason}${speed(other.name)}`)
  return exitCodes.done
}

/** Steps per second of those that work here. */
async function speedsOf(names: readonly string[]): Promise<Record<string, number>> {
  const [{ useEngine }, { trainingSpeed }] = await Promise.all([
    import('@dlkit/engine'),
    import('./training-speed.js'),
  ])
  const speeds: Record<string, number> = {}
  for (const name of names) {
    try {
      await useEngine({ prefer: name as 'cpu' })
    } catch {
      continue // why not is among the reasons
    }
    if (process.stderr.isTTY) process.stderr.write(`Training on ${name} for five seconds …\n`)
    speeds[name] = await trainingSpeed()
  }
  return speeds
}

const rounded = (speed: number): string => speed.toPrecision(speed < 100 ? 2 : 3)
