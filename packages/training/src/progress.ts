// Without TensorFlow.js, for commands that have to start fast.

export { formatDuration } from './format-duration.js'
export { Rate } from './rate.js'
