import { compileGpuStandIn, compileOperators, hasCompiler } from '@dlkit/testing'
import { afterAll, beforeAll, describe, vi } from 'vitest'

/** Tests whose commands have a GPU: what stands in for NVIDIA's libraries, compiled by `cc`. */
export function describeWithStandIn(name: string, tests: () => void): void {
  describe.skipIf(!hasCompiler)(`${name} (needs a C compiler)`, () => {
    beforeAll(async () => {
      vi.stubEnv('DLKIT_NATIVE', await compileOperators())
      vi.stubEnv('DLKIT_GPU_STAND_IN', await compileGpuStandIn())
    })
    afterAll(() => {
      vi.unstubAllEnvs()
    })
    tests()
  })
}
