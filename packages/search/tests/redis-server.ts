import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary-folder.js'

/** Why there is no Redis to test with; `undefined` where there is one. */
export const noRedis =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'redis-server is not on the PATH'

/** A Redis of the running test's own that keeps its data over a restart. */
export async function startRedis() {
  const folder = temporaryFolder()
  const port = await freePort()
  let server: ChildProcess | undefined
  const start = async () => {
    const settings = [
      '--port',
      String(port),
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ]
    server = spawn('redis-server', [...settings, '--bind', '127.0.0.1'], { stdio: 'ignore' })
    while (!(await answers(port))) await sleep(50)
  }
  const stop = async () => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  onTestFinished(stop)
  await start()
  return {
    connection: { host: '127.0.0.1', port },
    async restart(awayMilliseconds: number, { forget = false } = {}) {
      await stop()
      if (forget) rmSync(join(folder, 'appendonlydir'), { recursive: true })
      await sleep(awayMilliseconds)
      await start()
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.write('PING\r\n'))
    socket.on('data', (data) => {
      socket.destroy()
      resolve(String(data).includes('PONG'))
    })
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
