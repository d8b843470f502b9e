import { nativeEngine } from './native-package.js'

export const tfjsNodeGpuEngine = nativeEngine('tfjs-node-gpu', 'gpu', 'TensorFlow 2.9 on an NVIDIA GPU')
