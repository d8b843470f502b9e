import { giveRunCommand, isRunCommand } from '@dlkit/training/files'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { validator } from 'hono/validator'
import { isLayerKind } from '../runs/layers-file.js'
import type { Run } from '../runs/run.js'
import type { RunsFolder } from '../runs/runs-folder.js'
import { MOST_RUNS } from '../wire.js'
import { refusal } from './guard.js'
import { type Cursor, parseCursor, RunEvents } from './run-events.js'
import { studiesIn } from './studies.js'

const MOST_POINTS = 4000

export interface ApiArgs {
  folder: RunsFolder
  allowControl: boolean
  /** Aborted when the server closes. */
  signal: AbortSignal
  /** Told of streams that failed. */
  onFailed: (error: Error) => void
}

/** Everything that the page asks for. Runs go by their ids; no path comes from a request. */
export function api({ folder, allowControl, signal, onFailed }: ApiArgs): Hono {
  const app = new Hono()
  const runOf = (id: string): Run => {
    const run = folder.run(id)
    if (run === undefined) throw refusal(404, 'no such run')
    return run
  }

  app.get('/events', (context) => {
    const ids = listOf(context.req.query('runs'))
    if (ids.length > MOST_RUNS) throw refusal(400, `expected at most ${MOST_RUNS} runs, got ${ids.length}`)
    const smoothing = numberIn(context.req.query('smoothing') ?? '0', 0, 0.999, 'smoothing')
    const cursor: Cursor = parseCursor(context.req.header('last-event-id') ?? context.req.query('cursor'))
    const events = new RunEvents({ folder, ids, smoothing, cursor })
    return streamSSE(
      context,
      (stream) => events.send(stream, signal),
      async (error) => onFailed(error),
    )
  })

  app.get('/runs/:id', (context) => context.json(runOf(context.req.param('id')).details()))

  app.get('/runs/:id/series', async (context) => {
    const { metrics } = runOf(context.req.param('id'))
    await metrics.read()
    const { metric = '', from, to, points, smoothing } = context.req.query()
    return context.json(
      metrics.series(metric, {
        points: numberIn(points ?? '1000', 2, MOST_POINTS, 'points'),
        smoothing: numberIn(smoothing ?? '0', 0, 0.999, 'smoothing'),
        ...(from !== undefined && {
          range: [Number(from), to === undefined ? Number.POSITIVE_INFINITY : Number(to)] as const,
        }),
      }),
    )
  })

  app.get('/runs/:id/layers', async (context) => {
    const { layers } = runOf(context.req.param('id'))
    const kind = context.req.query('kind')
    if (!isLayerKind(kind)) throw refusal(400, 'expected kind to be gradients, activations or updates')
    await layers.read()
    return context.json(layers.map(kind))
  })

  app.get('/runs/:id/samples/:name', (context) => {
    const picture = runOf(context.req.param('id')).sample(context.req.param('name'))
    if (picture === undefined) throw refusal(404, 'no such picture')
    // Its address changes with its content.
    const headers = { 'Content-Type': picture.type, 'Cache-Control': 'private, max-age=31536000, immutable' }
    return context.body(new Uint8Array(picture.bytes), 200, headers)
  })

  app.get('/studies', (context) => context.json(studiesIn(folder.journals)))

  app.post(
    '/runs/:id/control',
    async (_, next) => {
      if (!allowControl) throw refusal(403, 'control is off: start the dashboard with --allow-control')
      await next()
    },
    validator('json', (body: unknown) => {
      const command = (body as { command?: unknown } | null)?.command
      if (!isRunCommand(command))
        throw refusal(400, 'expected command to be pause, resume, checkpoint or stop')
      return { command }
    }),
    (context) => {
      const run = runOf(context.req.param('id'))
      if (run.trainer === undefined) throw refusal(400, 'no process trains this run')
      giveRunCommand(run.path, context.req.valid('json').command)
      return context.json({})
    },
  )
  return app
}

function listOf(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(',').filter((part) => part !== ''))]
}

function numberIn(text: string, low: number, high: number, name: string): number {
  const number = Number(text)
  if (!(number >= low && number <= high)) throw refusal(400, `expected ${name} from ${low} to ${high}`)
  return number
}
