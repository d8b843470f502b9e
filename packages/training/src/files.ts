// Without TensorFlow.js, for commands that have to start fast.

export { IrregularFileError, readRegularFile, replaceFile } from '@dlkit/corrections/files'
export { isLiving, startOf } from './processes.js'
export { reasonOf } from './reason-of.js'
