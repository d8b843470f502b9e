import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export interface Workspace {
  folder: string
  name: string
  private: boolean
}

/** Every package of the repository, as its package.json describes it. */
export const packages: Workspace[] = readdirSync(join(root, 'packages')).map((entry) => {
  const folder = join(root, 'packages', entry)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { folder, name: manifest.name, private: manifest.private ?? false }
})

export const publicPackages = packages.filter((entry) => !entry.private)
