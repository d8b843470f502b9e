import { mkdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { printable } from '@dlkit/monitors/printable'
import type { Params } from '@dlkit/search'
import { namedOrDefault } from '../config/default-file.js'
import { whole } from '../config/option-values.js'
import { trainingExports } from '../config/training-file.js'
import { describeError, exitCodes, Failure, UsageError } from '../errors.js'
import { formatNumber } from '../output/format.js'
import { Output, type OutputOptions } from '../output/output.js'
import { type TrialOptions, trialSettings } from '../search/search-settings.js'
import { chooseEngine } from './choose-engine.js'

export interface AblateArgs extends Omit<TrialOptions, 'seed'>, OutputOptions {
  seeds: string
  maximize?: true
  journal?: string
}

const example = "export const switches = { 'no dropout': { dropout: 0 } }"

/** What each switch of a file does, over several seeds; goes on with what the journal holds. @returns the exit code. */
export async function ablateAction(named: string | undefined, args: AblateArgs): Promise<number> {
  const output = new Output(args)
  const file = namedOrDefault(named)
  const seeds = whole('--seeds', args.seeds, 3)
  const settings = trialSettings(file, args)
  await chooseEngine(args.engine)
  const { params = {}, switches } = await trainingExports(file)
  if (typeof switches !== 'object' || switches === null || Object.keys(switches).length === 0)
    throw new UsageError(`${file}: exports no switches to try; write ${example}`)
  const name = basename(file, extname(file))
  const journal = args.journal ?? join('runs', `${name}.ablation.journal`)
  await mkdir(dirname(journal), { recursive: true })
  const [{ ablation }, { trainTrial }] = await Promise.all([
    import('@dlkit/search'),
    import('../search/train-trial.js'),
  ])
  const runs = (Object.keys(switches).length + 1) * seeds
  output.say(
    `Training ${runs} times: without and with each of ${Object.keys(switches).length} switches, ${seeds} seeds`,
  )
  let done = 0
  const run = async (config: Params, seed: number) => {
    const changes = Object.entries(config).map(([key, value]) => `${key}=${value}`)
    const out = join(
      `${journal}.runs`,
      encodeURIComponent([...changes, `seed=${seed}`].join(' ')).slice(0, 200),
    )
    const value = await trainTrial({ ...settings, params: config, seed, out })
    done += 1
    output.json({ type: 'run', params: config, seed, [settings.metric]: value })
    output.say(
      `Run ${done}: ${settings.metric} ${formatNumber(value)}, seed ${seed}, ${printable(changes.join(' '))}`,
    )
    return value
  }
  try {
    const { effects } = await ablation<Params>(params, switches, {
      run,
      seeds,
      direction: args.maximize ? 'maximize' : 'minimize',
      path: journal,
    })
    output.say('')
    for (const effect of effects) {
      output.json({ type: 'effect', ...effect })
      output.print(printable(effect.text))
    }
    return exitCodes.done
  } catch (error) {
    const message = describeError(error)
    if (/interrupted/.test(message)) {
      process.stderr.write(`dlkit: ${message.replace(/With path, the next call/, 'The same command')}\n`)
      return exitCodes.interrupted
    }
    throw new Failure(`${file}: ${message}`, { cause: error })
  }
}
