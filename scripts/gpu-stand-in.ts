import { compileGpuStandIn, hasCompiler } from '../packages/testing/src/compiled-libraries.js'

/** Variables with which the backend runs what a GPU would, on processors; none where there is no C compiler. */
export const gpuStandInVariables = async (): Promise<Record<string, string>> =>
  hasCompiler ? { DLKIT_GPU_STAND_IN: await compileGpuStandIn(), DLKIT_ONNXRUNTIME: 'rehearsal' } : {}
