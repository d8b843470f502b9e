import { nativeEngine } from './native-package.js'

export const tfjsNodeEngine = nativeEngine('tfjs-node', 'cpu', 'TensorFlow on the processor')
