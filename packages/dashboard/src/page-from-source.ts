// Inside the repository the page is bundled when a dashboard starts; packages carry it ready.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The page of `page/` as one script and one style sheet. */
export async function bundlePage(): Promise<{ script: string; style: string }> {
  const entry = fileURLToPath(new URL('../page/main.tsx', import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [entry],
    outdir: 'page',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'error',
  })
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text
  return { script: textOf('.js'), style: textOf('.css') }
}

export const { script, style } = await bundlePage()
