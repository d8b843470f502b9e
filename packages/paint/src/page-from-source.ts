// Inside the repository the page is bundled when it is first asked for; packages carry it ready.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Page and worker of `page/`, and the page's style sheet. */
export async function bundlePage(): Promise<{ script: string; style: string; worker: string }> {
  const entry = (name: string) => fileURLToPath(new URL(`../page/${name}`, import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [entry('main.tsx'), entry('worker.ts')],
    outdir: 'page',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['@dlkit/source'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'error',
  })
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text
  return { script: textOf('main.js'), style: textOf('.css'), worker: textOf('worker.js') }
}

export const { script, style, worker } = await bundlePage()

/** Where the files of ONNX Runtime are. */
export const runtimeFolder = new URL('./', import.meta.resolve('onnxruntime-web'))
