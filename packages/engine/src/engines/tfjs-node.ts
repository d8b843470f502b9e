import { nativeEngine } from './native-package.js'

export const tfjsNodeEngine = nativeEngine('tfjs-node', 'cpu', 'TensorFlow 2.9 on the processor')
