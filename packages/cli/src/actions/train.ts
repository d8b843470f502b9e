import { basename } from 'node:path'
import { exitCodes } from '../errors.js'
import { JsonReporter } from '../output/json-reporter.js'
import { TextReporter } from '../output/text-reporter.js'
import { chooseEngine } from './choose-engine.js'
import { memoryWarning } from './memory-warning.js'
import { planTraining, type TrainOptions } from './plan-training.js'
import { stopOnSignal } from './stop-on-signal.js'

/** Trains as the options say and leaves a run folder with a report. @returns the exit code. */
export async function trainAction(file: string | undefined, options: TrainOptions): Promise<number> {
  const plan = await planTraining(file, options)
  const reporter = options.json ? new JsonReporter() : new TextReporter()
  const [engine, { describeEnvironment }, { estimatedMemory, train }, { writeReport }] = await Promise.all([
    chooseEngine(plan.config.engine, options.engine === undefined ? 'engine' : '--engine'),
    import('../environment.js'),
    import('@dlkit/gan-colorize'),
    import('../report/write-report.js'),
  ])
  const { config, out, resume, from } = plan
  let isDoubtful = false
  const warnings: string[] = []
  if (plan.engine !== undefined && plan.engine !== engine.name) {
    warnings.push(
      `${basename(out)} was trained on ${plan.engine}: on ${engine.name} it continues, but not bit for bit`,
    )
  }
  const tooLarge = memoryWarning(estimatedMemory(config))
  if (tooLarge !== undefined) warnings.push(tooLarge)
  const interruption = stopOnSignal(() => reporter.stopping())
  try {
    reporter.start({ out, config, engine, warnings })
    const environment = await describeEnvironment(engine, config.seed)
    const result = await train({
      config,
      out,
      resume,
      ...(from !== undefined && { from }),
      environment,
      signal: interruption.signal,
      onEvent: (event) => {
        isDoubtful ||= event.type === 'from' && event.cautions.length > 0
        reporter.event(event)
      },
    })
    const { file: report } = await writeReport(out)
    reporter.close()
    reporter.finish(result, report)
    if (result.interrupted) return exitCodes.interrupted
    return isDoubtful ? exitCodes.doubtful : exitCodes.done
  } catch (error) {
    if (interruption.signal.aborted && error instanceof Error && error.name === 'AbortError') {
      process.stderr.write('dlkit: stopped before the first step; nothing was written\n')
      return exitCodes.interrupted
    }
    throw error
  } finally {
    reporter.close()
    interruption.release()
  }
}
