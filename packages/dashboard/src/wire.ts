import type { Finding } from '@dlkit/monitors'
import type { Parameter, TrialState } from '@dlkit/search'

/** Runs whose points one page may follow. */
export const MOST_RUNS = 64

/** What the server sends to the page. Numbers that are not finite are strings: "NaN", "Infinity", "-Infinity". */
export type WireNumber = number | string

/** Points of one metric of one run. */
export interface Series {
  steps: number[]
  /** Since the first row of the run. */
  seconds: number[]
  values: WireNumber[]
  /** The moving average at the same points; empty without smoothing. */
  smooth: WireNumber[]
}

export type RunStatus = 'running' | 'paused' | 'done' | 'ended'

/** A line of the list of runs. */
export interface RunSummary {
  id: string
  /** Path in the folder of runs. */
  name: string
  status: RunStatus
  step: number
  /** Steps that the run is made for. */
  steps?: number
  /** When the last metrics were written, milliseconds since 1970. */
  updated: number
  findings: Record<Finding['severity'], number>
  /** Changes when the details of the run do. */
  version: string
}

/** All points of a run up to a row; replaces what the page has of it. */
export interface SnapshotEvent {
  run: string
  generation: string
  rows: number
  metrics: Record<string, Series>
}

/** Rows that follow those that the page has. */
export interface RowsEvent {
  run: string
  generation: string
  from: number
  rows: [step: number, seconds: number, values: Record<string, WireNumber>][]
}

/** A picture in the folder of a run. */
export interface RunPicture {
  step: number
  /** Path of the address. */
  url: string
}

/** How the sample grids of a run are laid out. */
export interface SampleLayout {
  /** What each row shows, from the top. */
  rows: string[]
  columns: number
}

export interface RunDetails {
  id: string
  config: unknown
  environment: unknown
  evaluation: unknown
  findings: Finding[]
  samples: RunPicture[]
  layout?: SampleLayout
  /** Files of readings of layers, for heat maps. */
  hasLayers: boolean
}

export interface SystemUse {
  /** Shares of 1. */
  cpu: number
  memory: number
  /** Bytes. */
  memoryTotal: number
  /** Null when the folder is gone. */
  diskFree: number | null
  /** Memory of the processes that train, in bytes, by run. */
  runs: Record<string, number>
}

/** A number for each layer and step: rows are layers, columns steps; null where there is none. */
export interface LayerMap {
  steps: number[]
  layers: string[]
  values: (WireNumber | null)[][]
}

/** A search: its trials, and what its parameters matter. */
export interface Study {
  id: string
  name: string
  /** The journal: a path in the folder of runs. */
  file: string
  metrics: Readonly<Record<string, 'minimize' | 'maximize'>>
  parameters: Readonly<Record<string, Parameter>>
  /** Shares of 1, the largest first. */
  importance: Readonly<Record<string, number>>
  trials: StudyTrial[]
}

export interface StudyTrial {
  number: number
  state: TrialState
  params: Readonly<Record<string, string | number | boolean | null>>
  /** One for each metric; none before the trial is complete. */
  values: WireNumber[]
  /** Why it failed. */
  reason?: string
}
