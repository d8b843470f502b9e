export { type JsonLinesSinkArgs, jsonLinesSink } from './sinks/json-lines-sink.js'
export { type TerminalSinkArgs, type TerminalStream, terminalSink } from './sinks/terminal-sink.js'
export { tensorBoardSink } from './tensorboard/tensorboard-sink.js'
