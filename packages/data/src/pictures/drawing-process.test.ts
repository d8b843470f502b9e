import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WorkerPool } from '../workers/worker-pool.js'
import { readHeader } from './read-header.js'
import { decodePicture, readPicture } from './read-picture.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dlkit-drawing-'))
  writeFileSync(join(folder, 'good.svg'), good)
  writeFileSync(join(folder, 'filters.svg'), filters)
  writeFileSync(join(folder, 'wide.svg'), svg('', 'width="1e9" height="400"'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const svg = (content: string, size = 'width="600" height="400"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>${content}</svg>`
const good = svg('<rect width="600" height="400" fill="#ff8800"/><text y="50">a</text>')

/** Three kilobytes that draw for hours. */
const filters = svg(
  `<filter id="f" x="0" y="0" width="1" height="1">${Array.from(
    { length: 30 },
    (_, i) =>
      `<feTurbulence baseFrequency=".0${i + 1}" numOctaves="9"/><feGaussianBlur stdDeviation="${90 + i}"/>`,
  ).join('')}</filter><rect width="4000" height="4000" filter="url(#f)"/>`,
  'width="4000" height="4000"',
)

/** Each level draws the one below ten times. */
const nested = svg(
  `<defs><g id="l0"><circle r="200" cx="200" cy="200"/></g>${Array.from(
    { length: 9 },
    (_, i) => `<g id="l${i + 1}">${`<use xlink:href="#l${i}" x="1"/>`.repeat(10)}</g>`,
  ).join('')}</defs><use xlink:href="#l9"/>`,
)

const linux = process.platform === 'linux'
const childrenOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  )
const drawing = (pid: string) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('drawing-child')
  } catch {
    return false
  }
}
const drawingProcesses = (of = process.pid) => childrenOf(of).filter(drawing)

describe('a drawing that cannot be trusted', () => {
  it.each([
    ['filters', filters],
    ['nested uses', nested],
  ])('is given up after its time: %s', async (_, text) => {
    const limits = { seconds: 1.5 }
    await expect(decodePicture('a.svg', Buffer.from(text), { limits })).rejects.toMatchObject({
      file: 'a.svg',
      reason: 'decoding took longer than 1.5 s',
    })
    if (linux) await vi.waitFor(() => expect(drawingProcesses()).toEqual([]), 5000)
    expect(await decodePicture('b.svg', Buffer.from(good))).toMatchObject({ width: 600, height: 400 })
  })

  it('is unpacked within bounds', async () => {
    const packed = gzipSync(good)
    expect(await decodePicture('a.svgz', packed)).toMatchObject({ width: 600, height: 400 })
    const bomb = gzipSync(Buffer.concat([Buffer.from(good), Buffer.alloc(30_000_000, 32)]))
    expect(bomb.length).toBeLessThan(100_000)
    for (const bytes of [bomb, Buffer.alloc(21_000_000, good)]) {
      await expect(decodePicture('a.svg', bytes)).rejects.toThrow(
        'a.svg: SVG too large (more than 20000000 bytes, unpacked)',
      )
    }
    for (const bytes of [gzipSync(packed), gzipSync('text'), packed.subarray(0, 40), Buffer.from('text')]) {
      await expect(decodePicture('a.svg', bytes)).rejects.toThrow('a.svg: not a picture in a known format')
    }
  })

  it('shows its header and is drawn in worker threads, too', async () => {
    expect(await readHeader(gzipSync(good))).toMatchObject({ width: 600, height: 400, format: 'svg' })
    const pool = new WorkerPool({ workers: 1 })
    const read = (file: string) => pool.run('fingerprint', { picture: { file: join(folder, file) } })
    await expect(read('good.svg')).resolves.toHaveProperty('map')
    await pool.close()
    if (linux) await vi.waitFor(() => expect(drawingProcesses()).toHaveLength(1), 5000)
  })

  it.runIf(linux)('leaves no process behind once nothing is drawn', async () => {
    await readPicture(join(folder, 'good.svg'))
    expect(drawingProcesses()).toHaveLength(1)
    await vi.waitFor(() => expect(drawingProcesses()).toEqual([]), 5000)
  })
})

describe.runIf(linux)('a program that draws', () => {
  const script = fileURLToPath(new URL('../../tests/read-svg.ts', import.meta.url))
  function start(
    file: string,
    seconds: number,
  ): { child: ChildProcess; output: () => string; ended: Promise<unknown> } {
    const flags = ['--conditions=@dlkit/source', '--import=tsx', script, join(folder, file), String(seconds)]
    const child = spawn(process.execPath, flags, {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data))
    return { child, output: () => text, ended: new Promise((resolve) => child.on('close', resolve)) }
  }

  it('ends when it is done', async () => {
    const { output, ended } = start('good.svg', 20)
    await ended
    expect(output()).toBe('reading\n600x400\n')
  })

  it('shows nothing of what the decoder writes', async () => {
    const { output, ended } = start('wide.svg', 20)
    await ended
    expect(output()).toMatch(/^reading\n[^\n]*\n$/)
  })

  it.each(['SIGINT', 'SIGKILL'] as const)('ends with its drawing after %s', async (signal) => {
    const { child, ended } = start('filters.svg', 60)
    const processes = await vi.waitFor(() => {
      const found = drawingProcesses(child.pid!)
      expect(found).toHaveLength(1)
      return found
    }, 20_000)
    child.kill(signal)
    await ended
    await vi.waitFor(
      () => expect(processes.filter((pid) => existsSync(`/proc/${pid}`) && drawing(pid))).toEqual([]),
      5000,
    )
  })
})
