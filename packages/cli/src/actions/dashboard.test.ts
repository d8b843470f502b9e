import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun, startDlkit, tinyConfig } from '../../tests/dlkit-process.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-dashboard-'))
  await prepareTinyRun(folder)
  await mkdir(join(folder, 'empty'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Run {
  id: string
  name: string
  status: string
}

/** The runs that a dashboard lists, and what tells it something. */
function client(url: string) {
  const { origin, searchParams } = new URL(url)
  const headers = { Authorization: `Bearer ${searchParams.get('token')}` }
  const list = async (): Promise<Run[]> => {
    const leaving = new AbortController()
    const { body } = await fetch(`${origin}/api/events`, { headers, signal: leaving.signal })
    let text = ''
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const data = /event: runs\ndata: (.*)\n/.exec(text)?.[1]
      if (data === undefined) continue
      leaving.abort()
      return JSON.parse(data)
    }
    return []
  }
  const tell = (id: string, command: string) =>
    fetch(`${origin}/api/runs/${id}/control`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ command }),
    })
  return { list, tell, page: () => fetch(url) }
}

describe('dlkit dashboard', () => {
  test('prints its address, shows the page, and ends with Ctrl-C', async () => {
    const { child, prints, ended } = startDlkit(['dashboard', 'empty', '--json'], folder)
    let stdout = ''
    child.stdout!.on('data', (text: string) => {
      stdout += text
    })
    await prints(/\n/)
    const { url } = JSON.parse(stdout)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/)
    const { page, list } = client(url)
    expect(await (await page()).text()).toContain('<title>empty · dlkit</title>')
    expect(await list()).toEqual([])
    expect((await fetch(new URL('/', url))).status).toBe(401)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ folder: 'empty', url })}\n`,
      stderr: 'dlkit: dashboard: refused GET /: 401, the token is missing or wrong\n',
    })
  })

  test.each([
    [
      ['dashboard', 'nowhere'],
      1,
      /^dlkit: nowhere: no such folder\. Train first, or name another one: .*\n$/,
    ],
    [['dashboard', 'empty', '--port', 'x'], 2, /^dlkit: --port: expected a whole number >= 0, got "x"\n$/],
    [['train', 'tiny.json', '--allow-control'], 2, /^dlkit: --allow-control: is for --dashboard\n$/],
  ])('refuses %j in one line', async (args, code, message) => {
    const ended = await dlkit(args, folder)
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) })
  })
})

test('dlkit train --dashboard shows the run while it trains, and stops it when it is told to', async () => {
  await writeFile(join(folder, 'long.json'), JSON.stringify({ ...tinyConfig, steps: 100_000 }))
  const args = [
    'train',
    'long.json',
    '--out',
    'runs/long',
    '--dashboard',
    '--allow-control',
    '--json',
    '--no-check',
  ]
  const { child, prints, ended } = startDlkit(args, folder)
  let stderr = ''
  child.stderr!.on('data', (text: string) => {
    stderr += text
  })
  await prints(/"type":"step","step":5/)
  const { list, tell } = client(/^Dashboard: (\S+)$/m.exec(stderr)![1]!)
  const [run] = await list()
  expect(run).toMatchObject({ name: 'long', status: 'running' })
  expect((await tell(run!.id, 'stop')).status).toBe(200)
  const { code } = await ended
  expect(code).toBe(130)
  const metrics = (await readFile(join(folder, 'runs/long/metrics.jsonl'), 'utf8')).trim().split('\n')
  const last = String(JSON.parse(metrics.at(-1)!).step).padStart(6, '0')
  await readFile(join(folder, `runs/long/checkpoints/step-${last}/manifest.json`))
  const layout = JSON.parse(await readFile(join(folder, 'runs/long/samples.json'), 'utf8'))
  expect(layout.rows.at(-1)).toBe('artist')
  const [reading] = (await readFile(join(folder, 'runs/long/readings.jsonl'), 'utf8')).split('\n')
  const names = Object.keys(JSON.parse(reading!).values)
  for (const kind of ['gradients', 'updates', 'activations'])
    expect(names.filter((name) => name.startsWith(`${kind}/`)).length).toBeGreaterThan(3)
  expect(names.filter((name) => name.startsWith('weights/'))).toEqual([])
})
