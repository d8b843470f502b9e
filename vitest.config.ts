import { defineConfig } from 'vitest/config'

// '@dlkit/source' resolves the packages of this repository to their sources: tests need no build.
const conditions = ['@dlkit/source', 'node', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@dlkit/source'] } },
  test: {
    include: ['{packages,examples,bench,scripts}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
