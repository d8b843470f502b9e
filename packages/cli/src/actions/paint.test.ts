import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writePicture } from '@dlkit/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun, startDlkit, tinyConfig } from '../../tests/dlkit-process.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-paint-'))
  await prepareTinyRun(folder)
  const model = { ...tinyConfig.model, hints: true }
  await writeFile(join(folder, 'tiny.json'), JSON.stringify({ ...tinyConfig, model, steps: 2 }))
  await writePicture(join(folder, 'sketch.tif'), 50, 40, 1)
  await writeFile(join(folder, 'no-picture.png'), 'nothing')
  await mkdir(join(folder, 'elsewhere'))
  const { code, stderr } = await dlkit(['train', 'tiny.json', '--out', 'runs/tiny', '--no-check'], folder)
  expect([code, stderr]).toEqual([expect.any(Number), ''])
})
afterAll(() => rm(folder, { recursive: true }))

describe('dlkit paint', () => {
  test('writes the page as files, with the newest run and a picture in any format', async () => {
    const ended = await dlkit(['paint', 'sketch.tif', '--export', 'site', '--json'], folder)
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const { run, files } = JSON.parse(ended.stdout)
    expect(run).toBe('runs/tiny')
    expect((await readdir(join(folder, 'site'))).map((name) => `site/${name}`).sort()).toEqual(files.sort())
    const settings = JSON.parse(await readFile(join(folder, 'site/settings.json'), 'utf8'))
    expect(settings).toEqual({ size: 16, multiple: 4, takesHints: true, picture: 'sketch.png' })
    expect((await readFile(join(folder, 'site/picture'))).subarray(1, 4).toString()).toBe('PNG')
    const again = await dlkit(['paint', '--export', 'site'], folder)
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(/^dlkit: site: holds files already\. .*--force\n$/)
  })

  test('serves the page at an address with a token until Ctrl-C', async () => {
    const { child, prints, ended } = startDlkit(['paint', '--run', 'runs/tiny', '--quiet'], folder)
    let stdout = ''
    child.stdout!.on('data', (text: string) => {
      stdout += text
    })
    await prints(/http.*\n/)
    const url = /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/m.exec(stdout)![0]
    expect(await (await fetch(url)).text()).toContain('<title>Paint · dlkit</title>')
    expect((await fetch(new URL('/', url))).status).toBe(401)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({
      code: 0,
      stderr: 'dlkit: paint: refused GET /: 401, the token is missing or wrong\n',
    })
  })

  test.each([
    [['paint', 'no-picture.png'], 1, /^dlkit: no-picture\.png: .+\n$/],
    [['paint', 'nowhere.png'], 1, /^dlkit: nowhere\.png: .+\n$/],
    [['paint', '--run', 'elsewhere'], 1, /^dlkit: .*folder of a run, got elsewhere.*\n$/],
    [['paint', '--export', 'x', '--port', '1'], 2, /^dlkit: --port: is for a page that is served; .+\n$/],
    [['paint', '--port', 'x'], 2, /^dlkit: --port: expected a whole number >= 0, got "x"\n$/],
    [['paint', '--run', 'runs/tiny', '--export', 'no-picture.png/site'], 1, /^dlkit: .+ is a file\n$/],
  ])('refuses %j in one line', async (args, code, message) => {
    const ended = await dlkit(args, folder)
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) })
  })

  test('takes the network that comes with it where nothing was trained', async () => {
    const { code, stdout } = await dlkit(['paint', '--export', 'site', '--json'], join(folder, 'elsewhere'))
    expect(code).toBe(0)
    expect(JSON.parse(stdout).run).toMatch(/gan-colorize-weights.weights.?$/)
    const settings = JSON.parse(await readFile(join(folder, 'elsewhere/site/settings.json'), 'utf8'))
    expect(settings).toMatchObject({ takesHints: true, picture: null })
  })
})
