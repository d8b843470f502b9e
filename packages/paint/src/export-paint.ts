import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SiteArgs, siteFiles } from './site-files.js'

/** Options of `exportPaint`. */
export interface ExportPaintArgs extends SiteArgs {
  /** Where to; made if it is not there. Files of earlier exports are replaced. */
  folder: string
}

/** Writes the page as files that any web server can serve. @returns their paths. */
export async function exportPaint({ folder, ...site }: ExportPaintArgs): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (const [name, { body }] of siteFiles(site)) {
    const path = join(folder, name)
    if (typeof body === 'object' && 'path' in body) await copyFile(body.path, path)
    else await writeFile(path, body)
    paths.push(path)
  }
  return paths
}
