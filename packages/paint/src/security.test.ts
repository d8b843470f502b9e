import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { paint } from './index.js'

const model = { onnx: new Uint8Array(4), size: 64, multiple: 16, takesHints: true }
const token = 'a-token-for-the-tests'

async function start() {
  const refused: string[] = []
  const server = await paint({ model, token, onRefused: (line) => refused.push(line) })
  onTestFinished(() => server.close())
  const { hostname, port } = new URL(server.url)
  const send = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
      const call = request({ hostname, port, path, method, headers }, (response) => {
        response
          .resume()
          .on('end', () => resolve({ status: response.statusCode!, headers: response.headers }))
      })
      call.on('error', reject).end()
    })
  return { send, refused, host: `${hostname}:${port}` }
}

const files = [
  '/',
  '/page.js',
  '/worker.js',
  '/page.css',
  '/model.onnx',
  '/settings.json',
  '/ort-wasm-simd-threaded.wasm',
]

test('every file asks for the token, and has a strict policy', async () => {
  const { send, refused } = await start()
  for (const file of files) {
    expect((await send(file)).status, file).toBe(401)
    const { status, headers } = await send(`${file}?token=${token}`)
    expect(status, file).toBe(200)
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; " +
        "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
        "require-trusted-types-for 'script'",
    )
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
  }
  expect(refused).toHaveLength(files.length)
})

test('other hosts and pages, other paths and methods are refused and logged', async () => {
  const { send, refused, host } = await start()
  const bearer = { Authorization: `Bearer ${token}` }
  expect((await send('/model.onnx', { ...bearer, host: 'evil.example' })).status).toBe(403)
  expect((await send('/model.onnx', { ...bearer, Origin: 'http://evil.example' })).status).toBe(403)
  expect((await send('/model.onnx', { ...bearer, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/runtime/',
    '/index.js',
  ])
    expect((await send(path, bearer)).status, path).toBe(404)
  expect((await send('/model.onnx', bearer, 'POST')).status).toBe(404)
  expect((await send(`/?${'x'.repeat(9000)}`, bearer)).status).toBe(414)
  expect(refused).toHaveLength(10)
  expect((await send('/', { ...bearer, Origin: `http://${host}` })).status).toBe(200)
})
