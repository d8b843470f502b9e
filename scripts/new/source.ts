import { atEnd, before, camel, changeset, type Edits, intoSortedNames } from './edits.js'

const source = (name: string) => `import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DataError, reasonOf } from '../errors.js'
import type { PictureSource } from './picture-source.js'

/**
 * TODO: where the samples come from, and under which licence. Here: the PNG files of a folder, without its subfolders.
 *
 * @param folder a path. @throws a DataError where it cannot be read.
 */
export async function ${camel(name)}Source(folder: string): Promise<PictureSource> {
  const root = resolve(folder)
  const names = await readdir(root).catch((error: unknown) => {
    throw new DataError(\`${camel(name)}Source: expected a folder that can be read, got "\${folder}" (\${reasonOf(error)}). Check the path.\`)
  })
  const samples = names
    .filter((file) => file.endsWith('.png'))
    .sort()
    .map((id) => ({ id, category: 'all' }))
  return { name: '${name}', samples, skipped: [], pictures: (index) => ({ colour: { file: join(root, samples[index]!.id) } }) }
}
`

const contract = (name: string) => `import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ${camel(name)}Source } from './${name}-source.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-${name}-'))
  for (const file of ['b.png', 'a.png', 'notes.txt']) await writeFile(join(folder, file), '')
})
afterAll(() => rm(folder, { recursive: true }))

test('has a sample for each picture, in the same order on every machine', async () => {
  const { samples, pictures } = await ${camel(name)}Source(folder)
  expect(samples.map(({ id }) => id)).toEqual(['a.png', 'b.png'])
  expect(await pictures(1)).toEqual({ colour: { file: join(folder, 'b.png') } })
})

test('a folder that is not there is named', async () => {
  await expect(${camel(name)}Source(join(folder, 'missing'))).rejects.toThrow(/^${camel(name)}Source: expected a folder that can be read/)
})
`

/** A source of pictures, to be changed; its test, export, README row and changeset. */
export function newSource(name: string): Edits {
  if (!/^[a-z]+(-[a-z]+)*$/.test(name)) throw new Error(`expected a name such as comic-pages, got ${name}`)
  const folder = 'packages/data'
  return {
    create: {
      [`${folder}/src/sources/${name}-source.ts`]: source(name),
      [`${folder}/src/sources/${name}-source.test.ts`]: contract(name),
      ...changeset('@dlkit/data', `The source \`${camel(name)}Source\`.`),
    },
    change: [
      {
        file: `${folder}/src/index.ts`,
        how: atEnd(`export { ${camel(name)}Source } from './sources/${name}-source.js'\n`),
      },
      { file: `${folder}/src/index.test.ts`, how: intoSortedNames(`${camel(name)}Source`) },
      {
        file: `${folder}/README.md`,
        how: before(
          '| `folderSource(',
          `| \`${camel(name)}Source(folder)\` | TODO: what it holds | TODO |\n`,
        ),
      },
    ],
    next: [
      `Write where the samples come from into ${folder}/src/sources/${name}-source.ts, its test and ${folder}/README.md. A path that should be recognized by itself also goes into open-source.ts.`,
    ],
  }
}
