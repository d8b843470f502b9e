import type { GpuReport, StepTime } from '@dlkit/backend-onnxruntime'
import { printable } from '@dlkit/monitors/printable'
import pc from 'picocolors'
import { count, formatNumber } from './format.js'

/** A file or program that is there may still not serve. */
const state = (isThere: boolean, problem?: string) =>
  !isThere ? pc.red('missing') : problem === undefined ? pc.green('found  ') : pc.red('useless')

/** What there is of what a GPU needs, a line each. */
export function gpuText(
  { standIn, driver, files, folders, operators, gpu }: GpuReport,
  verbose: boolean,
): string {
  const line = (found: string, name: string, where: string) =>
    `${found} ${name.padEnd(width)} ${printable(where)}`
  const width = Math.max(...files.map(({ name }) => name.length))
  const cards = driver.gpus.map(
    ({ name, memory, driver: version }) => `${name}, ${memory}, driver ${version}`,
  )
  const cuda = driver.cuda === undefined ? '' : `CUDA ${driver.cuda}`
  const about = [...cards, cuda, driver.problem ?? ''].filter((text) => text !== '').join('; ')
  return [
    ...(standIn === undefined
      ? []
      : [
          pc.yellow(
            `! A stand-in for NVIDIA's libraries is in use (DLKIT_GPU_STAND_IN): ${printable(standIn)}`,
          ),
        ]),
    line(state(driver.cuda !== undefined, driver.problem), 'NVIDIA driver', about),
    ...files.map(({ name, path, package: brings }) =>
      line(state(path !== undefined), name, path ?? `comes with ${brings} of PyPI`),
    ),
    line(
      state(operators.path !== undefined, operators.problem),
      'operators of @dlkit/native',
      [operators.path, operators.problem].filter(Boolean).join(': '),
    ),
    ...(verbose ? ['Looked in, in this order:', ...folders.map((folder) => `  ${printable(folder)}`)] : []),
    ...(gpu === undefined
      ? []
      : [
          `Computes: ${printable(gpu.name)}, ${gibibytes(gpu.available)} of ${gibibytes(gpu.total)} GiB free`,
        ]),
  ].join('\n')
}

const gibibytes = (bytes: number) => formatNumber(bytes / 2 ** 30)

/** Times of a step on the GPU and on the processors. */
export function speedText(
  { gpu, processors }: Record<'gpu' | 'processors', StepTime>,
  isStandIn: boolean,
): string {
  const text = ({ milliseconds, steps }: StepTime) =>
    `${formatNumber(milliseconds)} ms a step (median of ${count(steps, 'step')})`
  const ratio = formatNumber(processors.milliseconds / gpu.milliseconds)
  return [
    'A small convolutional network, batches of eight 64×64 pictures:',
    `  ${isStandIn ? 'stand-in  ' : 'GPU       '} ${text(gpu)}`,
    `  processors ${text(processors)}`,
    ...(isStandIn ? [] : [`  ${ratio} times as fast`]),
  ].join('\n')
}
