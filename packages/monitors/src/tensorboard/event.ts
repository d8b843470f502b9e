import type { Histogram } from './histogram.js'
import { bytes, double, doubles, type Field, float, integer, message } from './protobuf.js'

// Field numbers of tensorboard/compat/proto/event.proto and summary.proto.

/** The first event of a file. */
export function versionEvent(wallTime: number): Uint8Array {
  return message(double(1, wallTime), bytes(3, 'brain.Event:2'))
}

/** Values of one step. */
export function summaryEvent(wallTime: number, step: number, values: Field[]): Uint8Array {
  return message(double(1, wallTime), integer(2, step), bytes(5, message(...values)))
}

export function scalarValue(name: string, value: number): Field {
  return bytes(1, message(bytes(1, name), float(2, value)))
}

export function imageValue(name: string, { width, height, channels, png }: PngImage): Field {
  const image = message(integer(1, height), integer(2, width), integer(3, channels), bytes(4, png))
  return bytes(1, message(bytes(1, name), bytes(4, image)))
}

export interface PngImage {
  width: number
  height: number
  channels: 1 | 3
  png: Uint8Array
}

export function histogramValue(name: string, histogram: Histogram): Field {
  const { min, max, count, sum, squares, limits, counts } = histogram
  const content = message(
    double(1, min),
    double(2, max),
    double(3, count),
    double(4, sum),
    double(5, squares),
    doubles(6, limits),
    doubles(7, counts),
  )
  return bytes(1, message(bytes(1, name), bytes(5, content)))
}
