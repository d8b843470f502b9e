import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { samplesOf, scalarsOf } from '../sinks/scalars.js'
import type { Sink } from '../sinks/sink.js'
import { encodePng } from './encode-png.js'
import { histogramValue, imageValue, scalarValue, summaryEvent, versionEvent } from './event.js'
import { histogramOf } from './histogram.js'
import type { Field } from './protobuf.js'
import { type Checksum, encodeRecord } from './record.js'

/**
 * Writes event files for TensorBoard: `tensorboard --logdir folder`. Scalars of every reading, histograms of weights,
 * gradients and activations every `every.histograms` steps (of up to 1024 evenly spaced values each), pictures given to
 * `monitor.image`. Each sink starts a new file, as TensorBoard expects after a restart.
 */
export function tensorBoardSink(folder: string): Sink {
  let file: { descriptor: number; crc32c: Checksum } | undefined
  const now = () => Date.now() / 1000

  async function open() {
    if (file) return file
    // Loaded late: whoever writes no event files does not need its native part.
    const { crc32c } = await import('@node-rs/crc32')
    makeFolder(folder)
    const name = `events.out.tfevents.${Math.floor(now())}.${hostname()}.${process.pid}.${sinks++}`
    file = { descriptor: openSync(join(folder, name), 'wx'), crc32c }
    writeSync(file.descriptor, encodeRecord(versionEvent(now()), crc32c))
    return file
  }
  async function write(step: number, values: Field[]): Promise<void> {
    if (values.length === 0) return
    const { descriptor, crc32c } = await open()
    writeSync(descriptor, encodeRecord(summaryEvent(now(), step, values), crc32c))
  }
  return {
    histograms: true,
    async reading(reading) {
      const bySteps = new Map<number, Field[]>()
      for (const { step, name, value } of scalarsOf(reading)) {
        bySteps.set(step, [...(bySteps.get(step) ?? []), scalarValue(name, value)])
      }
      for (const [step, values] of bySteps) await write(step, values)
      const histograms = samplesOf(reading).flatMap(({ name, sample, size }) => {
        const histogram = histogramOf(sample, size)
        return histogram ? [histogramValue(name, histogram)] : []
      })
      await write(reading.step, histograms)
    },
    async image(image) {
      const { width, height, channels } = image
      await write(image.step, [imageValue(image.name, { width, height, channels, png: encodePng(image) })])
    },
    close() {
      if (file) closeSync(file.descriptor)
      file = undefined
    },
  }
}

/** Sinks of this process, so that two of them in one second get two files. */
let sinks = 0

/** Not by `recursive: true`: Node never returns from that where the system lets nobody make folders, as in /proc. */
function makeFolder(path: string): void {
  const missing: string[] = []
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder)
  try {
    for (const folder of missing) mkdirSync(folder)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(
      `tensorBoardSink: expected a folder that can be made, got ${path} (${code ?? message}). Choose another one.`,
      { cause: error },
    )
  }
}
