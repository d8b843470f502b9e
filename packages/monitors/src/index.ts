export type { Finding, OnFinding } from './finding.js'
export {
  GradientMonitor,
  type GradientMonitorArgs,
  type GradientMonitorState,
  type GradientReport,
} from './gradient-monitor.js'
export { LossMonitor, type LossMonitorArgs, type LossMonitorState } from './loss-monitor.js'
export type { LossState } from './loss-tracker.js'
export { type MonitorCallbackArgs, monitorCallback } from './monitor-callback.js'
export type { Gradients, VariableGradient } from './read-gradients.js'
export { watchOptimizer } from './watch-optimizer.js'
