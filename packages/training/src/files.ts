// Without TensorFlow.js, for commands that have to start fast.

export { replaceFile } from '@dlkit/corrections/files'
export { reasonOf } from './reason-of.js'
