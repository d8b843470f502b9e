import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readPicture } from '@dlkit/data'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun, startInTerminal } from '../../tests/dlkit-process.js'
import { contents } from '../../tests/run-files.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const myModel = fileURLToPath(new URL('../../tests/my-model.ts', import.meta.url))
const healthy = { BUG: 'none' }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-find-'))
  await prepareTinyRun(folder)
})
afterAll(() => rm(folder, { recursive: true }))

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('overfit: a model with a bug ends with 3 and what to do', async () => {
  const { code, stdout, stderr } = await dlkit(['overfit', myModel, '--steps', '40', '--quiet'], folder)
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  expect(stdout).toMatch(
    /^fail overfit-tiny-set: The loss on 8 samples went from [^\n]+\n {5}→ First [^\n]+\n$/,
  )
})

test('overfit in a terminal: the model without the bug is learned by heart', async () => {
  const { code, screen } = await startInTerminal(['overfit', myModel], folder, healthy).ended
  expect(code).toBe(0)
  expect(screen).toContain('\u001b[32mpass\u001b[39m overfit-tiny-set')
  expect(screen).toMatch(/Learning 8 samples by heart █*░+/)
})

test('NO_COLOR is heard in a terminal, too', async () => {
  const { screen } = await startInTerminal(['overfit', myModel, '--quiet'], folder, {
    ...healthy,
    NO_COLOR: '1',
  }).ended
  expect(screen).toMatch(/^pass overfit-tiny-set: [^\n]+\n$/)
})

test('lr-find draws the curve and writes it as a picture', async () => {
  const { code, screen } = await startInTerminal(['lr-find', myModel, '--out', 'curves/rates.png'], folder, {
    ...healthy,
    NO_COLOR: '1',
  }).ended
  expect(code).toBe(0)
  expect(screen).toMatch(/pass learning-rate-range: Suggested learning rates: [\d.e-]+ \(valley\)/)
  expect(screen).toMatch(/│[ •]*v/)
  expect(screen).toMatch(/└─{60}/)
  expect(screen).toContain('Picture: curves/rates.png')
  expect(await readPicture(join(folder, 'curves/rates.png'))).toMatchObject({ width: 480, height: 240 })
})

test('both look at each player of the colouring network; --json prints an object for each', async () => {
  const { code, stdout } = await dlkit(
    ['lr-find', 'tiny.json', '--json', '--steps', '20', '--out', 'r.png'],
    folder,
  )
  const found = lines(stdout)
  expect(code).toBe(found.some(({ verdict }) => verdict === 'fail') ? 3 : 0)
  expect(found.map(({ player, file }) => ({ player, file }))).toEqual([
    { player: 'generator', file: 'r-generator.png' },
    { player: 'discriminator', file: 'r-discriminator.png' },
  ])
  for (const { file, curve } of found) {
    expect((await stat(join(folder, file))).size).toBeGreaterThan(100)
    expect(curve.length).toBeGreaterThan(3)
  }
  const overfit = await dlkit(['overfit', 'tiny.json', '--json', '--steps', '30'], folder)
  expect(lines(overfit.stdout)[0]).toMatchObject({ check: 'overfit-tiny-set' })
  expect(lines(overfit.stdout)[0].evidence).toMatch(/^(generator|discriminator): The loss on \d samples/)
})

test.each<[string[], RegExp]>([
  [['overfit', 'missing.ts'], /missing\.ts: no such file/],
  [['overfit', myModel, '--size', '32'], /--size: is for the built-in model/],
  [['overfit', myModel, '--steps', 'few'], /--steps: expected a whole number >= 1, got "few"/],
  [['lr-find', myModel, '--steps', '3'], /--steps: expected a whole number >= 4/],
  [['lr-find', myModel, '--out', 'rates.jpg'], /--out: expected the name of a \.png file, got rates\.jpg/],
  [['lr-find', '--preset', 'dmeo'], /did you mean demo\?/],
])('%j is refused in one line', async (args, message) => {
  const { code, stdout, stderr } = await dlkit(args, folder)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^dlkit: [^\n]+\n$/)
  expect(stderr).toMatch(message)
  expect(await contents(folder)).not.toContain('rates.jpg')
})
