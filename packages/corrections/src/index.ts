export { correctTensorFlow } from './correct-tensorflow.js'
