import { nativeEngine } from './native-package.js'

export const tfjsNodeGpuEngine = nativeEngine('tfjs-node-gpu', 'gpu', 'TensorFlow on an NVIDIA GPU')
