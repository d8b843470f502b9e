// Without TensorFlow.js, for commands that have to start fast.

export { IrregularFileError, openRegularFile, readRegularFile, replaceFile } from '@dlkit/corrections/files'
export { decodeNumber } from './json-lines.js'
export { isLiving, startOf } from './processes.js'
export { reasonOf } from './reason-of.js'
export { giveRunCommand, isRunCommand, type RunCommand } from './run-control.js'
