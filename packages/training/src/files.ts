// Without TensorFlow.js, for commands that have to start fast.
export { reasonOf } from './reason-of.js'
export { replaceFile } from './write-whole-file.js'
