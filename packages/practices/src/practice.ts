/** Practices are cited by number: in findings, results of checks and documentation. */
export type PracticeNumber =
  | 'P1'
  | 'P2'
  | 'P3'
  | 'P4'
  | 'P5'
  | 'P6'
  | 'P7'
  | 'P8'
  | 'P9'
  | 'P10'
  | 'P11'
  | 'P12'
  | 'P13'
  | 'P14'
  | 'P15'
  | 'P16'
  | 'P17'
  | 'P18'
  | 'P19'
  | 'P20'
  | 'P21'
  | 'P22'
  | 'P23'
  | 'P24'
  | 'P25'
  | 'P26'
  | 'P27'
  | 'P28'
  | 'P29'
  | 'P30'
  | 'P31'
  | 'P32'
  | 'P33'
  | 'P34'

/** Something in dlkit that does what a practice says. */
export type RunnableForm =
  /** `dlkit <name> <options>` */
  | { kind: 'command'; name: string; options: readonly string[] }
  /** A rule of `Monitor`, which looks at a training as it goes on. */
  | { kind: 'rule'; name: string }
  /** A check of `preflight`, before a training. */
  | { kind: 'check'; name: string }
  /** What a package exports. */
  | { kind: 'export'; name: string; from: string }

/** Where a practice comes from. */
export interface Source {
  title: string
  /** An https address. */
  url: string
}

/** What the repository has measured of a practice. */
export interface Effect {
  text: string
  /** The file of the repository with the measurement, from its root. */
  file: string
  /** Words of that file; a test looks for them, so that the text stays true. */
  evidence: string
}

/** A practice: what to do and why, who says so, what runs it, and an example. */
export interface Practice {
  number: PracticeNumber
  title: string
  /** What to do and why, in plain words. */
  advice: string
  source: Source
  runs: readonly RunnableForm[]
  /** A program of at most ten lines, and part of what it prints. */
  example: { code: string; prints: string }
  /** Left out where nothing was measured. */
  effect?: Effect
}

const PARTS = [
  'Start a deep learning project',
  'Build a dataset',
  'Designs',
  'Visualize models and metrics',
  'Debug a network',
  'Improve and tune',
]

/** Part 1 to 6 of the series that most practices come from. */
export const part = (number: number): Source => ({
  title: `Jonathan Hui 2018, "How to start a Deep Learning project?", part ${number}: ${PARTS[number - 1]}`,
  url: 'https://jonathan-hui.medium.com/how-to-start-a-deep-learning-project-d9e1db90fa72',
})

export const command = (name: string, ...options: string[]): RunnableForm => ({
  kind: 'command',
  name,
  options,
})
export const rules = (...names: string[]): RunnableForm[] => names.map((name) => ({ kind: 'rule', name }))
export const checks = (...names: string[]): RunnableForm[] => names.map((name) => ({ kind: 'check', name }))
export const exported = (from: string, ...names: string[]): RunnableForm[] =>
  names.map((name) => ({ kind: 'export', name, from }))

/** A program as it is written in the table: without the line break in front of it. */
export const program = (code: string): string => code.trim()
