export { compileGpuStandIn, compileOperators, hasCompiler } from './compiled-libraries.js'
export { describeLayerContract, type LayerContract } from './describe-layer-contract.js'
export { describeReferences } from './describe-references.js'
export { type CloseOptions, expectClose } from './expect-close.js'
export {
  expectGradientsMatch,
  expectVariableGradientsMatch,
  type GradientOptions,
} from './expect-gradients-match.js'
export { expectNoTensorLeak } from './expect-no-tensor-leak.js'
export {
  measureReference,
  type Reference,
  type ReferenceErrors,
  type ReferenceSubject,
} from './measure-reference.js'
export { readLosses } from './read-losses.js'
export { rewriteCheckpoint } from './rewrite-checkpoint.js'
export { canMount, mountSmallDisk } from './small-disk.js'
export { writePicture } from './write-picture.js'
