import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { commandProblem } from './command-problems.js'
import { root } from './packages.js'
import { type Block, codeBlocks, commandsOf } from './site-blocks.js'
import { typeErrors } from './type-errors.js'

const site = join(root, 'site')
const pages = ['start.md', 'faq.md', ...readdirSync(join(site, 'guides')).map((name) => `guides/${name}`)]

/** Commands that serve until they are ended, wait for another machine, or train for hours. */
const LONG =
  /^dlkit (dashboard|paint \S+$|worker|paint page|tune .*--redis|train .*(--preset standard|--resume|--from))/
/** Of these, what needs the runs that they make. */
const NEEDS_LONG = /runs\/mine/
/** 3: no GPU here, or something was found, as the page says. */
const ENDS = new Map([
  ['dlkit gpu', [0, 3]],
  ['dlkit audit my-pictures', [0, 3]],
])
/** dlkit's own verdicts on very short trainings. */
const VERDICTS = [0, 3]

const cache = join(root, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A folder with what pages take for granted: a drawing, a book, pictures, weights from Python. */
async function newFolder(): Promise<string> {
  const folder = mkdtempSync(join(cache, 'page-'))
  folders.push(folder)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  for (const name of readdirSync(join(site, 'fixtures')).filter((file) => /safetensors$/.test(file))) {
    copyFileSync(join(site, 'fixtures', name), join(folder, name))
  }
  const drawings = join(root, 'examples/drawings')
  await sharp(join(drawings, 'fish.svg')).png().toFile(join(folder, 'page.png'))
  for (const name of ['my-pictures', 'book.cbz']) mkdirSync(join(folder, name))
  copyFileSync(join(folder, 'page.png'), join(folder, 'book.cbz/1.png'))
  for (let i = 0; i < 24; i++) {
    const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="white"/>
      <circle cx="${20 + i}" cy="${44 - i}" r="${8 + (i % 7)}" fill="hsl(${i * 15} 80% 60%)" stroke="black"/></svg>`
    await sharp(Buffer.from(picture))
      .png()
      .toFile(join(folder, 'my-pictures', `${i}.png`))
  }
  return folder
}

const node = ['--conditions=@dlkit/source', '--import=tsx']
function run(folder: string, program: string, args: string[]) {
  const env = { ...process.env, NODE_OPTIONS: `--import=${join(root, 'scripts/seed-random.js')}` }
  return spawnSync(program, args, { cwd: folder, encoding: 'utf8', env })
}

/** The commands of a page that end by themselves; `cd` moves on. */
function runCommands(block: Block, folder: string): string {
  let cwd = folder
  for (const words of commandsOf(block.code)) {
    const [name, ...args] = words[0] === 'npx' ? words.slice(1) : words
    const line = [name, ...args].join(' ')
    if (name === 'cd') cwd = join(cwd, args[0]!)
    const tool = { dlkit: join(root, 'packages/cli/src/bin.ts'), tsx: args[0]! }[name!]
    const ended =
      name === 'esbuild'
        ? run(cwd, join(root, 'node_modules/.bin/esbuild'), [...args, '--conditions=@dlkit/source'])
        : tool && !LONG.test(line) && !NEEDS_LONG.test(line)
          ? run(cwd, process.execPath, [...node, tool, ...(name === 'tsx' ? [] : args)])
          : undefined
    if (ended)
      expect(ENDS.get(line) ?? VERDICTS, `${line}\n${ended.stdout}${ended.stderr}`).toContain(ended.status)
  }
  return cwd
}

function writeBlock(name: string, { code }: Block, folder: string): void {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, name.endsWith('.json') ? code.replace(/^.*\n/, '') : code)
}

vi.setConfig({ testTimeout: 600_000 })

describe('each page', () => {
  test.each(pages)('%s: its programs and commands run', async (page) => {
    const blocks = codeBlocks(join(site, page))
    let folder = await newFolder()
    for (const [index, block] of blocks.entries()) {
      if (block.language === 'sh') folder = runCommands(block, folder)
      if (block.file) writeBlock(block.file, block, folder)
      if (block.file || block.language !== 'ts') continue
      const program = join(folder, `program-${index}.ts`)
      writeFileSync(program, block.code)
      const { status, stdout, stderr } = run(folder, process.execPath, [...node, program])
      expect(status, `${block.code}\n${stderr}`).toBe(0)
      expect(stdout.trim()).not.toBe('')
      const [, promised] = block.code.match(/\/\/ (-?[\d.]+, -?[\d.]+)$/m) ?? []
      for (const number of promised?.split(', ') ?? []) expect(rounded(stdout)).toContain(Number(number))
    }
  })
})

const rounded = (text: string) =>
  [...text.matchAll(/-?\d+\.\d+/g)].map(([number]) => Number(Number(number).toFixed(4)))

test('programs of the pages have no mistake of types', () => {
  const programs = pages.flatMap((page) =>
    codeBlocks(join(site, page))
      .filter(({ language }) => language === 'ts')
      .map(({ code }, index) => [`${page}-${index}`, code] as const),
  )
  expect(programs.length).toBeGreaterThan(10)
  expect(typeErrors(Object.fromEntries(programs))).toBe('')
})

const documents = [
  ...pages.map((page) => join(site, page)),
  join(root, 'README.md'),
  join(root, 'CONTRIBUTING.md'),
  ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'README.md')),
]

test('commands of the documentation exist, with their options', () => {
  const commands = documents.flatMap((document) =>
    codeBlocks(document)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => commandsOf(code)),
  )
  expect(commands.length).toBeGreaterThan(60)
  expect(commands.flatMap((words) => commandProblem(words) ?? [])).toEqual([])
  expect(commandProblem(['npx', 'dlkit', 'train', '--stepz', '3'])).toBe('dlkit train has no --stepz')
  expect(commandProblem(['npm', 'run', 'typez'])).toBe('no script typez')
})
