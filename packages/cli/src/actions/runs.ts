import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { printable } from '@dlkit/monitors/printable'
import type { RunFolder } from '@dlkit/training'
import { isLiving } from '@dlkit/training/files'
import Table from 'cli-table3'
import { isRawConfig, valueAt } from '../config/merge.js'
import { exitCodes, Failure, UsageError } from '../errors.js'
import { command } from '../output/command.js'
import { folderSize, formatBytes } from '../output/folder-size.js'
import { count, formatNumber, shellWord } from '../output/format.js'
import { Output, type OutputOptions } from '../output/output.js'

export interface RunsArgs extends OutputOptions {
  prune?: true
  yes?: true
}

type RunState = 'running' | 'finished' | 'unfinished' | 'diverged' | 'never trained' | 'damaged'

interface RunSummary {
  run: string
  state: RunState
  /** The file of the model, or "colours". */
  model: string
  step: number
  steps: number
  /** What was measured on validation data at the end, or the last losses. */
  measures: Record<string, number>
  findings: number
  started: string
  bytes: number
}

/** What `--prune` removes: runs that nobody can use. */
const useless: readonly RunState[] = ['diverged', 'never trained', 'damaged']

/** Lists the runs of a folder; with `--prune` removes those that nobody can use. @returns the exit code. */
export async function runsAction(folder: string, args: RunsArgs): Promise<number> {
  const output = new Output(args)
  const runs = await summariesOf(folder)
  if (!args.prune) {
    for (const run of runs) output.json(run)
    output.print(runs.length > 0 ? table(runs) : `No runs in ${folder}. Train one: ${command()} train`)
    return exitCodes.done
  }
  const removed = runs.filter(({ state }) => useless.includes(state))
  if (removed.length > 0 && !args.yes && !(await confirmed(removed, args))) return exitCodes.interrupted
  for (const run of removed) {
    await rm(run.run, { recursive: true })
    output.json({ removed: run.run, state: run.state })
    output.print(`Removed ${printable(run.run)} (${run.state})`)
  }
  const freed = removed.reduce((sum, { bytes }) => sum + bytes, 0)
  output.say(
    removed.length > 0
      ? `${count(removed.length, 'run')}, ${formatBytes(freed)}`
      : 'Nothing to remove: no run has diverged, is damaged or was never trained.',
  )
  return exitCodes.done
}

async function confirmed(runs: readonly RunSummary[], { json }: RunsArgs): Promise<boolean> {
  const names = runs.map(({ run, state }) => `${run} (${state})`).join(', ')
  if (json || !process.stdin.isTTY || !process.stdout.isTTY)
    throw new UsageError(`--prune would remove ${names}; say so with --yes`)
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: `Remove ${printable(names)}?`, initialValue: false })
  return answer === true && !isCancel(answer)
}

async function summariesOf(folder: string): Promise<RunSummary[]> {
  const { RunFolder } = await import('@dlkit/training')
  const names = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new Failure(`${folder}: cannot be read as a folder of runs (${error.code})`)
  })
  const summaries: RunSummary[] = []
  for (const entry of names.filter((entry) => entry.isDirectory())) {
    const path = join(folder, entry.name)
    let run: RunFolder
    try {
      run = RunFolder.open(path)
    } catch {
      continue // Not the folder of a run.
    }
    summaries.push(await summaryOf(run))
  }
  return summaries.sort((a, b) => (a.started < b.started ? 1 : -1))
}

async function summaryOf(run: RunFolder): Promise<RunSummary> {
  const read = (name: string): unknown => {
    try {
      return run.readJson(name)
    } catch {
      return undefined
    }
  }
  const config = read('config.json')
  const metrics = run.readMetrics()
  const findings = run.readFindings()
  const last = metrics.at(-1)
  const steps = Number(valueAt(config, ['steps']))
  const evaluation = valueAt(read('evaluation.json'), ['model'])
  const training = valueAt(config, ['training'])
  const step = last?.step ?? 0
  const state = (): RunState => {
    const { pid, host } = (read('lock.json') ?? {}) as { pid?: number; host?: string }
    if (pid !== undefined && (host === undefined || isLiving(pid))) return 'running'
    if (!isRawConfig(config) || !Number.isFinite(steps)) return 'damaged'
    if (findings.some(({ rule, severity }) => rule === 'non-finite' && severity === 'error'))
      return 'diverged'
    if (step === 0) return 'never trained'
    return step >= steps ? 'finished' : 'unfinished'
  }
  return {
    run: run.path,
    state: state(),
    model: typeof training === 'string' ? training.split('/').at(-1)! : 'colours',
    step,
    steps,
    measures: isRawConfig(evaluation) ? (evaluation as Record<string, number>) : (last?.values ?? {}),
    findings: findings.length,
    started: String(valueAt(read('environment.json'), ['started']) ?? last?.time ?? ''),
    bytes: await folderSize(run.path),
  }
}

/** Measures that a row shows. */
const SHOWN = 2

function table(runs: readonly RunSummary[]): string {
  const rows = new Table({
    head: ['run', 'state', 'model', 'steps', 'measured', 'findings', 'started', 'size'],
    style: { head: [], border: [] },
  })
  for (const { run, state, model, step, steps, measures, findings, started, bytes } of runs) {
    const measured = Object.entries(measures)
      .slice(0, SHOWN)
      .map(([name, value]) => `${name} ${formatNumber(value)}`)
    rows.push([
      printable(shellWord(run)),
      state,
      printable(model),
      step === steps ? String(step) : `${step} of ${steps}`,
      measured.join(' '),
      findings,
      started.slice(0, 16).replace('T', ' '),
      formatBytes(bytes),
    ])
  }
  return rows.toString()
}
