import type { StepLosses } from './reading.js'
import type { ScheduleState } from './schedule.js'

/** Plain JSON. With the same steps afterwards, a restored monitor raises the same findings. */
export interface MonitorState {
  kind: 'monitor'
  version: 2
  step: number
  losses: StepLosses[]
  schedule: ScheduleState
  rules: Record<string, unknown>
}

export function checkMonitorState(state: MonitorState): void {
  const { kind, version } = (state ?? {}) as Partial<MonitorState>
  if (kind !== 'monitor' || version !== 2) {
    throw new TypeError(
      `Monitor.restore: expected a state of kind "monitor" and version 2, got kind ${JSON.stringify(kind)} and ` +
        `version ${JSON.stringify(version)}. Pass what state() returned.`,
    )
  }
}
