import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const core = dirname(require.resolve('@tensorflow/tfjs-core/package.json'))

/** The test suite that tfjs-core publishes, on the backend that setup.ts chooses, in one file. */
export async function bundleSuite(outfile: string): Promise<void> {
  await build({
    stdin: {
      contents: `import './setup.ts'\nimport '@tensorflow/tfjs-core/dist/tests'`,
      resolveDir: here,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    conditions: ['@dlkit/source'],
    target: 'node20',
    // The package calls its tests free of side effects, so they would be dropped.
    ignoreAnnotations: true,
    alias: { '@tensorflow/tfjs-core': core },
    plugins: [
      {
        // Backend and tests have to share one engine.
        name: 'one-core',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: join(core, 'dist/index.js') }))
        },
      },
    ],
    external: ['onnxruntime-node', 'koffi'],
    logLevel: 'error',
    banner: { js: `import { createRequire as r } from 'node:module'; const require = r(import.meta.url);` },
  })
}
