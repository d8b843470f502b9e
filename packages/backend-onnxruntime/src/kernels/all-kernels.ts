import { binaryKernels } from './binary.js'
import { convolutionKernels } from './convolution-kernels.js'
import { creationKernels } from './creation.js'
import { indexingKernels } from './indexing.js'
import { joiningKernels } from './joining.js'
import type { LazyKernels } from './lazy-kernel.js'
import { matrixKernels } from './matrix.js'
import { normalizationKernels } from './normalization.js'
import { poolingKernels } from './pooling-kernels.js'
import { reductionKernels } from './reduction.js'
import { resizeKernels } from './resize.js'
import { slicingKernels } from './slicing.js'
import { unaryKernels } from './unary.js'

/** Kernels that are recorded instead of computed, by name. */
export const allKernels: LazyKernels = {
  ...unaryKernels,
  ...binaryKernels,
  ...reductionKernels,
  ...creationKernels,
  ...joiningKernels,
  ...slicingKernels,
  ...indexingKernels,
  ...matrixKernels,
  ...convolutionKernels,
  ...poolingKernels,
  ...resizeKernels,
  ...normalizationKernels,
}
