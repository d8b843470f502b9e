import type { EngineName } from '@dlkit/engine'

const tensorflow: Record<string, string> = {
  'avgPool3d tensorflow {} x=[1,1,1,1,1] f=[1,1,3] s=1 p=valid':
    'TensorFlow refuses a window that is larger than the input',
  'conv2dTranspose tensorflow {} input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4':
    'the sizes contradict each other, and TensorFlow says so',
  'einsum tensorflow {} 2d matrix calculate trace: duplicate axes not implemented yet':
    'TensorFlow computes traces',
  'einsum tensorflow {} nonexistent dimension throws error': 'TensorFlow ignores it',
  'tan tensorflow {} numbers exceed float32 precision': 'rounds differently in the last place',
  'unique tensorflow {} 1d tensor with NaN and Infinity': 'NaN is unlike NaN',
}

/** Specs that an engine does not pass, each with the reason. They are not run. */
export const knownDifferences: Partial<Record<EngineName, Record<string, string>>> = {
  'tfjs-node': tensorflow,
  'tfjs-node-gpu': tensorflow,
}
