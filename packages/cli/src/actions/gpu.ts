import type { StepTime } from '@dlkit/backend-onnxruntime'
import { printable } from '@dlkit/monitors/printable'
import { exitCodes } from '../errors.js'
import { command } from '../output/command.js'
import { gpuText, speedText } from '../output/gpu-text.js'
import { Output, type OutputOptions } from '../output/output.js'

export interface GpuOptions extends OutputOptions {
  /** Whether steps are timed. */
  speed: boolean
  verbose?: true
}

/** Seconds of training on each device. */
const SECONDS = 5

/** Relative difference of losses up to which two devices compute the same; products on a GPU have 10 bits. */
const ROUNDING = 0.01

/** Says whether training can use a GPU here, and what is missing. @returns the exit code: 3 when it cannot. */
export async function gpuAction({ speed: isTimed, verbose, ...options }: GpuOptions): Promise<number> {
  const output = new Output(options)
  const { examineGpu, timeSteps } = await import('@dlkit/backend-onnxruntime')
  const report = await examineGpu()
  output.say(gpuText(report, verbose === true))
  let { reason } = report
  let speed: { gpu: StepTime; processors: StepTime } | undefined
  if (report.gpu !== undefined && isTimed) {
    try {
      speed = { gpu: await timeSteps('gpu', SECONDS), processors: await timeSteps('cpu', SECONDS) }
      output.print(speedText(speed, report.standIn !== undefined))
      if (!isSame(speed.gpu.losses, speed.processors.losses))
        reason = `it computes other losses than the processors: ${speed.gpu.losses[0]} instead of ${speed.processors.losses[0]}`
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
    }
  }
  const fixes = report.fixes.map((fix) => `  ${printable(fix)}`)
  output.json({ usable: reason === undefined, ...report, reason, speed })
  if (reason === undefined) {
    const what = report.standIn === undefined ? 'The GPU works' : 'The stand-in works, on processors'
    output.print(`${what}: ${command()} train --engine onnxruntime-cuda`)
    if (fixes.length > 0) output.say(['To make it faster:', ...fixes].join('\n'))
    return exitCodes.done
  }
  if (fixes.length > 0) output.print(['To use one:', ...fixes].join('\n'))
  process.stderr.write(`dlkit: no GPU can be used here: ${printable(reason)}\n`)
  return exitCodes.doubtful
}

const isSame = (losses: readonly number[], expected: readonly number[]) =>
  losses.every((loss, i) => Math.abs(loss - expected[i]!) <= ROUNDING * Math.abs(expected[i]!))
