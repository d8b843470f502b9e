import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dlkit, startInTerminal } from '../../tests/dlkit-process.js'
import { contents } from '../../tests/run-files.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
let folder: string
const at = (name: string) => join(folder, name)
const call = (...args: string[]) => dlkit(args, folder)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-init-'))
  await symlink(modules, at('node_modules'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a model of one’s own works at once, from its folder and from the one above', async () => {
  const { code, stdout } = await call('init', 'my-model', '--template', 'own', '--yes')
  expect(code).toBe(0)
  expect(stdout).toContain('Next:\n  cd my-model\n  dlkit check\n  dlkit train\n')
  expect(JSON.parse(await readFile(at('my-model/package.json'), 'utf8')).name).toBe('my-model')
  const above = await call('train', '--steps', '2', '--no-check', '--out', 'above')
  expect(above.stdout).toMatch(/^Data: my-model\/model\.ts, 600 training, 150 validation, 150 test samples$/m)
  expect(above.code).toBe(0)
  const skipped = 'label-shuffling,input-importance,learning-rate-range,overfit-tiny-set'
  const inside = await dlkit(['check', '--skip', skipped, '--json'], at('my-model'))
  const verdicts = inside.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).verdict)
  expect(new Set(verdicts)).toEqual(new Set(['pass']))
})

test('a terminal is asked for template and folder', async () => {
  const terminal = startInTerminal(['init'], folder)
  await terminal.shows(/What do you want to begin with\?/)
  terminal.type('\u001b[B')
  await terminal.shows(/●[^\n]*own/)
  terminal.type('\r')
  await terminal.shows(/In which folder\?/)
  terminal.type('asked\r')
  const { code } = await terminal.ended
  expect(code).toBe(0)
  expect(await contents(at('asked'))).toEqual(['.gitignore', 'README.md', 'model.ts', 'package.json'])
})

test('Ctrl-C at a question makes nothing', async () => {
  const terminal = startInTerminal(['init', 'nothing'], folder)
  await terminal.shows(/What do you want/)
  terminal.type('\u0003')
  const { code, screen } = await terminal.ended
  expect(code).toBe(130)
  expect(screen).toContain('Nothing was made.')
  expect(await contents(folder)).not.toContain('nothing')
})

test('the other templates say what comes next; packages that are missing are to be installed', async () => {
  const colours = await call('init', '--yes', '--json')
  expect(JSON.parse(colours.stdout)).toMatchObject({
    folder: 'my-colours',
    template: 'colours',
    next: ['cd my-colours', 'dlkit train'],
  })
  const wrong = await dlkit(['train', '--size', '33', '--out', 'x'], at('my-colours'))
  expect(wrong.stderr).toMatch(/^dlkit: --size: expected a multiple of 16/)
  const elsewhere = await mkdtemp(join(tmpdir(), 'dlkit-init-'))
  const { stdout } = await dlkit(['init', 'Ünïcode & Co', '--template', 'monitors'], elsewhere)
  expect(stdout).toContain("Next:\n  cd 'Ünïcode & Co'\n  npm install\n  npm start\n")
  const { name } = JSON.parse(await readFile(join(elsewhere, 'Ünïcode & Co/package.json'), 'utf8'))
  expect(name).toBe('n-code-co')
  await rm(elsewhere, { recursive: true })
})

test.each<[string[], number, RegExp]>([
  [['init'], 2, /without a terminal to ask on: give folder and --template/],
  [['init', 'a', '--template', 'onw'], 2, /--template: .*did you mean own\?/],
  [['init', 'full', '--yes'], 1, /full: holds files already/],
  [['tune'], 2, /which model\? Name its file/],
])('%j is refused in one line', async (args, code, message) => {
  const place = at('refused')
  await mkdir(join(place, 'full'), { recursive: true })
  await writeFile(join(place, 'full/mine.txt'), 'kept')
  const ended = await dlkit(args, place)
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
  expect(ended.stderr).toMatch(/^dlkit: [^\n]+\n$/)
  expect(ended.stderr).toMatch(message)
})
