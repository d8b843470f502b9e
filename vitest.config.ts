import type { EngineName } from '@dlkit/engine'
import { defineConfig } from 'vitest/config'

// '@dlkit/source' resolves the packages of this repository to their sources: tests need no build.
const conditions = ['@dlkit/source', 'node', 'import', 'default']

const onEveryEngine = ['layers', 'optimizers', 'regularizers']
const onDefaultEngine = ['checks', 'monitors', 'scaler', 'training', 'gan-colorize']
const defaultEngine: EngineName = 'onnxruntime'
const otherEngines: EngineName[] = ['cpu', 'wasm']

/** What a GPU computes, by kernels and graphs that are made for one, on processors in its place. */
const onGpu = [
  'batch-norm',
  'compile-step',
  'gpu-*',
  'long-sums',
  'native-convolutions',
  'native-pooling',
  'replayed-models',
]

/** Everything that trains, on one engine and nothing else: DLKIT_TEST_ENGINE=tfjs-node npx vitest run */
const onlyEngine = process.env.DLKIT_TEST_ENGINE as EngineName | undefined

const tests = (packages: string[]) => packages.map((name) => `packages/${name}/**/*.test.ts`)

const engineProject = (engine: EngineName, packages: string[]) => ({
  extends: true as const,
  test: {
    name: engine,
    include: tests(packages),
    provide: { engine },
    setupFiles: ['scripts/use-test-engine.ts'],
  },
})

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@dlkit/source'] } },
  test: {
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['scripts/seed-tests.ts'],
    projects: onlyEngine
      ? [engineProject(onlyEngine, [...onEveryEngine, ...onDefaultEngine])]
      : [
          {
            extends: true,
            test: {
              name: 'node',
              include: ['{packages,examples,bench,scripts}/**/*.test.ts'],
              exclude: [
                '**/node_modules/**',
                '**/dist/**',
                '**/tests/gpu-*.test.ts',
                ...tests([...onEveryEngine, ...onDefaultEngine]),
              ],
            },
          },
          {
            extends: true,
            test: {
              name: 'gpu-stand-in',
              include: onGpu.map((name) => `packages/backend-onnxruntime/tests/${name}.test.ts`),
              setupFiles: ['scripts/use-gpu-stand-in.ts', 'scripts/seed-tests.ts'],
            },
          },
          engineProject(defaultEngine, [...onEveryEngine, ...onDefaultEngine]),
          ...otherEngines.map((engine) => engineProject(engine, onEveryEngine)),
        ],
  },
})
