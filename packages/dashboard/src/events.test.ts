import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '@dlkit/training/files'
import { describe, expect, test } from 'vitest'
import { RunPoints } from '../page/points.js'
import { eventsOf } from '../tests/event-stream.js'
import { openDashboard, runsFolder } from '../tests/runs.js'
import { writeRun } from '../tests/write-run.js'
import type { RowsEvent, RunSummary, SnapshotEvent } from './wire.js'

type Get = (path: string, init?: RequestInit) => Promise<Response>

/** What a page does with a stream: it keeps the points of a run, and the id of the last event. */
class Page {
  points: RunPoints | undefined
  id = ''
  kinds: string[] = []

  constructor(
    readonly run: string,
    readonly smoothing = 0,
  ) {}

  /** Follows the run until it has these rows. */
  async follow(get: Get, rows: number): Promise<this> {
    const leaving = new AbortController()
    const response = await get(`/api/events?runs=${this.run}&smoothing=${this.smoothing}`, {
      headers: { 'Last-Event-ID': this.id },
      signal: leaving.signal,
    })
    let isNew = false
    for await (const { event, data, id } of eventsOf(response)) {
      this.id = id
      if (event === 'snapshot') this.points = new RunPoints(data as SnapshotEvent, this.smoothing)
      if (event === 'rows') expect(this.points!.add(data as RowsEvent)).toBe(true)
      if (event !== 'snapshot' && event !== 'rows') continue
      this.kinds.push(event)
      if (this.points!.rows === rows) {
        isNew = true
        break
      }
    }
    leaving.abort()
    expect(isNew).toBe(true)
    return this
  }

  get steps(): number[] {
    return this.points!.metrics.get('loss')!.steps
  }
}

async function firstRun(get: Get): Promise<RunSummary> {
  for await (const { event, data } of eventsOf(await get('/api/events'))) {
    if (event === 'runs') return (data as RunSummary[])[0]!
  }
  throw new Error('no list of runs')
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('the stream of a run', () => {
  test('gives all points once, then every row as it comes', async () => {
    const folder = runsFolder()
    const run = writeRun(join(folder, 'run'), 5)
    const { get } = await openDashboard({ folder })
    const page = new Page((await firstRun(get)).id)
    await page.follow(get, 5)
    const following = page.follow(get, 8)
    for (let step = 6; step <= 8; step++) run.appendMetrics(step, { loss: 1 / step, other: step })
    await following
    expect(page.kinds[0]).toBe('snapshot')
    expect(page.kinds.slice(1)).not.toContain('snapshot')
    expect(page.steps).toEqual(upTo(8))
    expect(page.points!.metrics.get('other')).toMatchObject({ steps: [6, 7, 8], values: [6, 7, 8] })
    run.close()
  })

  test('goes on behind the last event after a lost connection and after a restart of the server', async () => {
    const folder = runsFolder()
    const run = writeRun(join(folder, 'run'), 10)
    const first = await openDashboard({ folder })
    const page = new Page((await firstRun(first.get)).id)
    await page.follow(first.get, 10)
    for (let step = 11; step <= 20; step++) run.appendMetrics(step, { loss: 1 / step })
    await page.follow(first.get, 20)
    for (let step = 21; step <= 30; step++) run.appendMetrics(step, { loss: 1 / step })
    await first.close()
    const second = await openDashboard({ folder })
    await page.follow(second.get, 30)
    expect(page.kinds).toEqual(['snapshot', 'rows', 'rows'])
    expect(page.steps).toEqual(upTo(30))
    run.close()
  })

  test('begins anew when a resumed run forgot steps', async () => {
    const folder = runsFolder()
    const run = writeRun(join(folder, 'run'), 10)
    const { get } = await openDashboard({ folder })
    const page = new Page((await firstRun(get)).id)
    await page.follow(get, 10)
    run.truncateAfter(4)
    for (let step = 5; step <= 10; step++) run.appendMetrics(step, { loss: -step })
    await page.follow(get, 10)
    expect(page.steps).toEqual(upTo(10))
    expect(page.points!.metrics.get('loss')!.values.slice(4)).toEqual([-5, -6, -7, -8, -9, -10])
    run.close()
  })

  test('begins anew when a file was cut or is gone, also for a page that comes back', async () => {
    const folder = runsFolder()
    writeRun(join(folder, 'run'), 10).close()
    const path = join(folder, 'run', 'metrics.jsonl')
    const { get } = await openDashboard({ folder })
    const page = new Page((await firstRun(get)).id)
    await page.follow(get, 10)
    writeFileSync(path, '{"step":1,"loss":7}\n')
    await page.follow(get, 1)
    expect(page.points!.metrics.get('loss')!.values).toEqual([7])
    replaceFile(path, '')
    await page.follow(get, 0)
    expect(page.points!.metrics.size).toBe(0)
  })

  test('holds a line back until all of it is written, and leaves out what is no line of numbers', async () => {
    const folder = runsFolder()
    writeRun(join(folder, 'run'), 2).close()
    const path = join(folder, 'run', 'metrics.jsonl')
    const { get } = await openDashboard({ folder })
    const page = new Page((await firstRun(get)).id)
    appendFileSync(
      path,
      'torn {"step":\n[1]\n{"step":"x"}\n{"step":3,"loss":"NaN","note":"text"}\n{"step":4,"lo',
    )
    await page.follow(get, 3)
    expect(page.points!.metrics.get('loss')!.values).toEqual([1, 0.5, Number.NaN])
    expect([...page.points!.metrics.keys()]).toEqual(['loss'])
    appendFileSync(path, 'ss":"-Infinity"}\n')
    await page.follow(get, 4)
    expect(page.points!.metrics.get('loss')!.values.at(-1)).toBe(Number.NEGATIVE_INFINITY)
  })

  test('thins 100,000 points and keeps the spike, the drop and the NaN among them', async () => {
    const folder = runsFolder()
    writeRun(join(folder, 'run'), 0).close()
    const special: Record<number, number | string> = { 31415: 99, 50000: -99, 77777: 'NaN' }
    const lines = upTo(100_000).map((step) => JSON.stringify({ step, loss: special[step] ?? Math.sin(step) }))
    writeFileSync(join(folder, 'run', 'metrics.jsonl'), `${lines.join('\n')}\n`)
    const { get } = await openDashboard({ folder })
    const { id } = await firstRun(get)
    const page = await new Page(id).follow(get, 100_000)
    const { steps, values } = page.points!.metrics.get('loss')!
    expect(steps.length).toBeLessThan(1600)
    expect(steps[0]).toBe(1)
    expect(steps.at(-1)).toBe(100_000)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    for (const [step, value] of Object.entries(special))
      expect(values[steps.indexOf(Number(step))]).toBe(Number(value))
    const detail = await get(`/api/runs/${id}/series?metric=loss&from=31400&to=31500`)
    expect(((await detail.json()) as { steps: number[] }).steps).toHaveLength(101)
  })

  test('smooths every value, not only those that are shown', async () => {
    const folder = runsFolder()
    const run = writeRun(join(folder, 'run'), 0)
    const value = (step: number) => (step % 2 === 0 ? 1 : 0)
    for (let step = 1; step <= 5000; step++) run.appendMetrics(step, { loss: value(step) })
    const { get } = await openDashboard({ folder })
    const page = new Page((await firstRun(get)).id, 0.9)
    await page.follow(get, 5000)
    for (let step = 5001; step <= 5003; step++) run.appendMetrics(step, { loss: value(step) })
    await page.follow(get, 5003)
    let average = 0
    for (let step = 2; step <= 5003; step++) average = 0.9 * average + 0.1 * value(step)
    const { smooth } = page.points!.metrics.get('loss')!
    expect(smooth.at(-1)).toBeCloseTo(average, 5)
    expect(Math.max(...smooth.slice(-500))).toBeLessThan(0.6)
    run.close()
  })

  test('reads what jsonLinesSink writes, too', async () => {
    const folder = join(runsFolder(), 'monitors-only')
    writeRun(folder, 0).close()
    const line = { step: 4, time: new Date().toISOString() }
    const finding = {
      rule: 'r',
      severity: 'error',
      step: 4,
      message: 'm',
      meaning: '',
      remedy: 'fix',
      practice: 'P1',
    }
    writeFileSync(
      join(folder, 'readings.jsonl'),
      [
        { ...line, values: { loss: 3 } },
        { ...line, finding },
      ]
        .map((one) => `${JSON.stringify(one)}\n`)
        .join(''),
    )
    const { get } = await openDashboard({ folder })
    const run = await firstRun(get)
    expect(run).toMatchObject({ name: 'monitors-only', step: 4, findings: { error: 1 } })
    expect(await (await get(`/api/runs/${run.id}`)).json()).toMatchObject({ findings: [finding] })
    const page = await new Page(run.id).follow(get, 1)
    expect(page.points!.metrics.get('loss')!.values).toEqual([3])
  })
})
