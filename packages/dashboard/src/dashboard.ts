import { script, style } from '#page'
import { RunsFolder } from './runs/runs-folder.js'
import { api } from './server/api.js'
import { type LocalServer, type LocalServerArgs, localServer } from './server/local-server.js'
import { icon, pageHtml } from './server/page-html.js'

/** Options of `dashboard`. */
export interface DashboardArgs extends LocalServerArgs {
  /** The folder of run folders, or one run folder. */
  folder: string
  /** Whether the page may pause, save and stop trainings; false if unset. */
  allowControl?: boolean
}

/** A running dashboard: its address, and how to end it. */
export type Dashboard = LocalServer

/**
 * Serves a page that shows trainings live: curves of several runs, findings, sample grids, layers, searches. It reads run
 * folders and writes nothing but the commands that `allowControl` permits. Throws when the folder is none or the port is
 * taken.
 */
export async function dashboard({
  folder,
  allowControl = false,
  ...server
}: DashboardArgs): Promise<Dashboard> {
  return localServer(
    {
      name: 'dashboard',
      routes(app, { token, onFailed, signal }) {
        const runs = new RunsFolder(folder)
        app.get('/', (context) => context.html(pageHtml({ token, title: runs.path, allowControl })))
        app.get('/page.js', (context) =>
          context.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
        )
        app.get('/page.css', (context) =>
          context.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' }),
        )
        app.get('/icon.svg', (context) => context.body(icon, 200, { 'Content-Type': 'image/svg+xml' }))
        app.route('/api', api({ folder: runs, allowControl, signal, onFailed }))
      },
    },
    server,
  )
}
