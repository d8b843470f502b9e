import type { Finding } from '@dlkit/monitors'
import { decodeNumber } from '@dlkit/training/files'

type Json = Record<string, unknown>

/** The numbers of one step. */
export interface Row {
  step: number
  /** Milliseconds since 1970; NaN when the line has none. */
  time: number
  values: Record<string, number>
}

/**
 * A line of `metrics.jsonl` of a run folder, or of a file that `jsonLinesSink` of `@dlkit/monitors` wrote, which keeps its
 * numbers in `values`. Undefined for a line without numbers.
 */
export function parseRow(text: string): Row | undefined {
  const line = parseObject(text)
  if (line === undefined || !Number.isSafeInteger(line.step)) return undefined
  const { step, time, ...rest } = line
  const values: Record<string, number> = Object.create(null)
  for (const [name, value] of Object.entries(isObject(rest.values) ? rest.values : rest)) {
    const number = decodeNumber(value)
    if (number !== undefined) values[name] = number
  }
  if (Object.keys(values).length === 0) return undefined
  return { step: step as number, time: typeof time === 'string' ? Date.parse(time) : Number.NaN, values }
}

const SEVERITIES = ['info', 'warning', 'error']

/** A line of `findings.jsonl`, or of the sink, which keeps it in `finding`. */
export function parseFinding(text: string): Finding | undefined {
  const line = parseObject(text)
  const finding = isObject(line?.finding) ? line.finding : line
  if (!finding || !Number.isSafeInteger(finding.step) || typeof finding.message !== 'string') return undefined
  const word = (name: string) => (typeof finding[name] === 'string' ? (finding[name] as string) : '')
  return {
    rule: word('rule'),
    severity: (SEVERITIES.includes(word('severity')) ? word('severity') : 'info') as Finding['severity'],
    step: finding.step as number,
    where: Array.isArray(finding.where) ? finding.where.map(String) : [],
    message: finding.message,
    meaning: word('meaning'),
    remedy: word('remedy'),
    practice: word('practice') as Finding['practice'],
    ...(isObject(finding.values) && { values: finding.values as Record<string, number> }),
  }
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
