import { defineConfig } from 'tsup'

// One output file per source file, so that a bundler can drop the layers and monitors that are not used.
export default defineConfig({
  entry: ['src/**/*.ts', '!src/**/*.test.ts'],
  bundle: false,
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  clean: true,
  dts: { entry: 'src/index.ts' },
})
