import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDashboard, runsFolder, TOKEN } from '../tests/runs.js'
import { writeRun } from '../tests/write-run.js'
import type { RunDetails, RunSummary } from './wire.js'

/** A request whose path and headers are sent as they are. */
function send(
  origin: string,
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', body = '' } = {},
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path, method, headers }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString() })
    })
    call.on('error', reject)
    call.end(body)
  })
}

const bearer = { Authorization: `Bearer ${TOKEN}` }

/** The first list of runs in a stream of events. */
async function listRuns(get: (path: string) => Promise<Response>): Promise<RunSummary[]> {
  const response = await get('/api/events')
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const data = /event: runs\ndata: (.*)\n/.exec(text)?.[1]
    if (data !== undefined) return JSON.parse(data)
  }
  throw new Error('no list')
}

async function withRun(allowControl = false) {
  const folder = join(runsFolder(), 'runs')
  writeRun(join(folder, 'first')).close()
  const server = await openDashboard({ folder, allowControl })
  const [run] = await listRuns(server.get)
  return { ...server, folder, run: run! }
}

describe('the dashboard refuses and logs', () => {
  test.each(['/', '/page.js', '/page.css', '/api/events', '/api/studies', '/nowhere'])(
    '%s without a token, or with a wrong one',
    async (path) => {
      const { origin, refused } = await withRun()
      expect((await send(origin, path)).status).toBe(401)
      expect((await send(origin, `${path}?token=`)).status).toBe(401)
      expect((await send(origin, `${path}?token=${TOKEN.slice(1)}x`)).status).toBe(401)
      expect((await send(origin, path, { Authorization: `Bearer ${TOKEN}x` })).status).toBe(401)
      expect(refused).toHaveLength(4)
      expect(refused[0]).toBe(`refused GET ${path}: 401, the token is missing or wrong`)
    },
  )

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example:80'])(
    'the host %s, though the token is right',
    async (host) => {
      const { origin, refused } = await withRun()
      expect((await send(origin, '/api/studies', { ...bearer, host })).status).toBe(403)
      expect(refused).toEqual(['refused GET /api/studies: 403, called by another host name'])
    },
  )

  test('pages of other origins, though the token is right', async () => {
    const { origin, host, refused, run } = await withRun(true)
    for (const other of ['http://evil.example', 'null', `https://${host}`, 'http://127.0.0.1:1'])
      expect((await send(origin, '/api/studies', { ...bearer, Origin: other })).status).toBe(403)
    const headers = { ...bearer, 'Sec-Fetch-Site': 'cross-site', 'Content-Type': 'application/json' }
    const body = { method: 'POST', body: '{"command":"stop"}' }
    expect((await send(origin, `/api/runs/${run.id}/control`, headers, body)).status).toBe(403)
    expect(refused).toHaveLength(5)
    expect(refused.every((line) => line.endsWith('403, called from another page'))).toBe(true)
    expect((await send(origin, '/api/studies', { ...bearer, Origin: origin })).status).toBe(200)
  })

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/api/runs/../../secret.txt',
    '/api/runs/ID/samples/../../../secret.txt',
    '/api/runs/ID/samples/..%2f..%2f..%2fsecret.txt',
    '/api/runs/ID/samples/..%2fsecret-1.png',
    '/api/runs/ID/samples/..%2f..%2fsecret-1.png',
    '/api/runs/ID/samples/..%2f..%2f..%2fsecret-1.png',
    '/api/runs/ID/samples/%2e%2e%2f..%2fconfig.json',
    '/api/runs/ID/samples/..%5c..%5cconfig.json',
    '/api/runs/ID/samples/%252e%252e%252fconfig.json',
    '/api/runs/ID/samples/step-000000.png%00',
    '/api/runs/ID/samples//etc/passwd',
    '/api/runs/..%2f..',
    '/api/runs/__proto__',
    '/api/runs/first',
  ])('the path %s', async (path) => {
    const { origin, folder, run, refused } = await withRun()
    for (const place of ['..', '.', 'first'])
      for (const name of ['secret.txt', 'secret-1.png'])
        writeFileSync(join(folder, place, name), 'secret 0001')
    mkdirSync(join(folder, 'first', 'samples'))
    const { status, text } = await send(origin, path.replace('ID', run.id), bearer)
    expect(status).toBe(404)
    expect(text).not.toContain('secret 0001')
    expect(refused).toHaveLength(1)
  })

  test.skipIf(process.platform === 'win32')('links among pictures, files and runs', async () => {
    const folder = runsFolder()
    const outside = runsFolder()
    writeRun(join(outside, 'other')).close()
    writeFileSync(join(outside, 'secret.png'), 'secret 0001')
    writeFileSync(join(outside, 'secret-1.png'), 'secret 0001')
    writeFileSync(join(outside, 'secret.json'), '"secret 0001"')
    const run = writeRun(join(folder, 'run'))
    run.writeSample(1, Buffer.from('picture'))
    run.close()
    symlinkSync(join(outside, 'secret.png'), join(run.path, 'samples', 'step-000002.png'))
    symlinkSync(join(outside, 'secret.json'), join(run.path, 'evaluation.json'))
    symlinkSync(join(outside, 'other'), join(folder, 'linked'))
    const all = writeRun(join(folder, 'samples-linked'))
    all.close()
    symlinkSync(outside, join(all.path, 'samples'))
    const { get, refused } = await openDashboard({ folder })
    const runs = await listRuns(get)
    expect(runs.map(({ name }) => name).sort()).toEqual(['run', 'samples-linked'])
    for (const { id, name } of runs) {
      const details = (await (await get(`/api/runs/${id}`)).json()) as RunDetails
      expect(JSON.stringify(details)).not.toContain('secret 0001')
      expect(details.samples.map(({ step }) => step)).toEqual(name === 'run' ? [1] : [])
      expect((await get(`/api/runs/${id}/samples/step-000002.png`)).status).toBe(404)
      expect((await get(`/api/runs/${id}/samples/secret-1.png`)).status).toBe(404)
    }
    expect(refused).toHaveLength(4)
  })

  test('requests that are too large', async () => {
    const { origin, host, refused, run } = await withRun(true)
    expect((await send(origin, `/api/studies?${'x'.repeat(9000)}`, bearer)).status).toBe(414)
    const headers = { ...bearer, 'Content-Type': 'application/json' }
    const path = `/api/runs/${run.id}/control`
    const large = { method: 'POST', body: JSON.stringify({ command: 'x'.repeat(2000) }) }
    expect((await send(origin, path, headers, large)).status).toBe(413)
    expect((await send(origin, path, { ...headers, 'Transfer-Encoding': 'chunked' }, large)).status).toBe(413)
    expect((await send(origin, '/api/studies', { ...bearer, Cookie: 'x'.repeat(20_000) })).status).toBe(431)
    const many = Array.from({ length: 65 }, (_, index) => index.toString(16).padStart(12, '0')).join()
    expect((await send(origin, `/api/events?runs=${many}`, bearer)).status).toBe(400)
    expect(refused).toHaveLength(4)
    // What is no HTTP ends the connection, not the server.
    const [name, port] = host.split(':')
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), name, () => socket.write('\x00\x16\x03 nonsense\r\n\r\n'))
      socket.on('data', (data) => resolve(String(data)))
    })
    expect(answer).toContain('400 Bad Request')
    expect((await send(origin, '/api/studies', bearer)).status).toBe(200)
  })

  test('other methods, and control without the flag', async () => {
    const { origin, refused, run, folder } = await withRun()
    const headers = { ...bearer, 'Content-Type': 'application/json' }
    const stop = { method: 'POST', body: '{"command":"stop"}' }
    expect((await send(origin, `/api/runs/${run.id}/control`, headers, stop)).status).toBe(403)
    expect((await send(origin, `/api/runs/${run.id}`, bearer, { method: 'DELETE' })).status).toBe(404)
    expect((await send(origin, `/api/runs/${run.id}`, bearer, { method: 'PUT' })).status).toBe(404)
    expect(refused[0]).toContain('403, control is off: start the dashboard with --allow-control')
    expect(() => readFileSync(join(folder, 'first', 'control', 'stop'))).toThrow()
  })

  test.each([
    ['text/plain', '{"command":"stop"}'],
    ['application/json', '{"command":"../../stop"}'],
    ['application/json', '{"command":["stop"]}'],
    ['application/json', 'null'],
    ['application/json', '{"comm'],
  ])('control that is none, %s %s', async (type, body) => {
    const { origin, refused, run } = await withRun(true)
    const headers = { ...bearer, 'Content-Type': type }
    const { status } = await send(origin, `/api/runs/${run.id}/control`, headers, { method: 'POST', body })
    expect(status).toBe(400)
    expect(refused).toHaveLength(1)
  })

  test('nothing in what it logs can move the cursor of a terminal', async () => {
    const { origin, refused } = await withRun()
    await send(origin, '/%1b[2J%0d%0aforged')
    expect(refused).toHaveLength(1)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(refused[0]).not.toMatch(/[\u0000-\u001f]/)
  })
})

describe('the dashboard', () => {
  test('controls a run that is training, with the flag, and no other', async () => {
    const folder = runsFolder()
    const run = writeRun(join(folder, 'training'))
    writeRun(join(folder, 'ended')).close()
    const { get, origin } = await openDashboard({ folder, allowControl: true })
    const statuses: Record<string, number> = {}
    for (const { id, name, status } of await listRuns(get)) {
      expect(status).toBe(name === 'training' ? 'running' : 'ended')
      const headers = { 'Content-Type': 'application/json', Origin: origin }
      const response = await get(`/api/runs/${id}/control`, {
        method: 'POST',
        body: '{"command":"pause"}',
        headers,
      })
      statuses[name] = response.status
    }
    expect(statuses).toEqual({ training: 200, ended: 400 })
    expect(readFileSync(join(folder, 'training', 'control', 'pause'), 'utf8')).toBe('')
    run.close()
  })

  test('lets the page load nothing from elsewhere and run no script but its own', async () => {
    const { get } = await withRun()
    const response = await get('/')
    const policy = response.headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('escapes the name of its folder in the page', async () => {
    const folder = join(runsFolder(), '<img src=x onerror=alert(1)>')
    mkdirSync(folder)
    const { get } = await openDashboard({ folder })
    expect(await (await get('/')).text()).toContain(
      '<title>&lt;img src=x onerror=alert(1)&gt; · dlkit</title>',
    )
  })

  test.each([
    [{ host: '0.0.0.0' }, 'expected host to be 127.0.0.1, ::1 or localhost, got 0.0.0.0'],
    [{ token: 'short' }, 'expected token of at least 16'],
    [{ token: '"><script>alert(1)</script>' }, 'expected token of at least 16 letters'],
    [{ port: 70_000 }, 'expected port from 0 to 65535, got 70000'],
    [{ folder: '/nowhere' }, 'expected a folder of runs, got /nowhere'],
  ])('does not start with %j', async (args, message) => {
    await expect(openDashboard({ folder: runsFolder(), ...args })).rejects.toThrow(message)
  })

  test('says when its port is taken', async () => {
    const { origin } = await withRun()
    const port = Number(new URL(origin).port)
    await expect(openDashboard({ folder: runsFolder(), port })).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken`,
    )
  })
})
