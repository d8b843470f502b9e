export type { Action, Control, WeightCopy } from './actions/action.js'
export { type EarlyStopArgs, earlyStop } from './actions/early-stop.js'
export { type ReduceOnPlateauArgs, reduceOnPlateau } from './actions/reduce-on-plateau.js'
export { type StopOnNaNArgs, stopOnNaN } from './actions/stop-on-nan.js'
export type { Gradients } from './attach/hook-optimizer.js'
export type { Network } from './attach/network.js'
export type { Draft, Finding, OnFinding } from './finding.js'
export { Monitor } from './monitor.js'
export type { MonitorArgs, Task } from './monitor-args.js'
export { monitorCallback } from './monitor-callback.js'
export type { MonitorState } from './monitor-state.js'
export type {
  ActivationKind,
  AnswersReading,
  BatchReading,
  LayerReading,
  Reading,
  StepLosses,
  Summary,
  ValidationReading,
  VariableReading,
} from './reading.js'
export type { RuleSettings } from './rule-set.js'
export { lastingRule } from './rules/lasting-rule.js'
export { defineRule, type LossKind, type Rule, type RuleContext } from './rules/rule.js'
export { gradientNorms } from './rules/variables.js'
export type { Intervals } from './schedule.js'
export { consoleSink } from './sinks/console-sink.js'
export { type MemorySink, memorySink } from './sinks/memory-sink.js'
export { type PanelSinkArgs, panelSink } from './sinks/panel-sink.js'
export type { ImageReading, Sink } from './sinks/sink.js'
export type { StepData } from './step-data.js'
