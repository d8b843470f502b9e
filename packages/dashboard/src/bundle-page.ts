import { build } from 'esbuild'

/**
 * Bundles scripts of a page that Preact draws, each with its style sheets.
 *
 * @param entries files, the page's own first
 * @returns the text of the file whose name ends so, such as `main.js` or `.css`
 */
export async function bundlePage(entries: string[]): Promise<(end: string) => string> {
  const { outputFiles } = await build({
    entryPoints: entries,
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
  return (end) => outputFiles.find(({ path }) => path.endsWith(end))!.text
}
