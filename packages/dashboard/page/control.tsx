import { useState } from 'preact/hooks'
import type { RunSummary } from '../src/wire.js'
import { mayControl, sendCommand } from './server.js'

/** Pauses, saves and stops a training, where the server may. */
export function Control({ run }: { run: RunSummary }) {
  const [answer, setAnswer] = useState('')
  const [isStopping, setStopping] = useState(false)
  if (!mayControl || (run.status !== 'running' && run.status !== 'paused')) return null
  const tell = (command: string, done: string) => {
    setStopping(false)
    sendCommand(run.id, command).then(
      () => setAnswer(done),
      (error: Error) => setAnswer(error.message),
    )
  }
  return (
    <span class="control">
      {run.status === 'running' ? (
        <button type="button" onClick={() => tell('pause', 'pauses after this step')}>
          Pause
        </button>
      ) : (
        <button type="button" onClick={() => tell('resume', 'goes on')}>
          Resume
        </button>
      )}
      <button type="button" onClick={() => tell('checkpoint', 'saves after this step')}>
        Checkpoint now
      </button>
      {isStopping ? (
        <button
          type="button"
          class="error"
          onClick={() => tell('stop', 'stops after this step, with a checkpoint')}
        >
          Really stop?
        </button>
      ) : (
        <button type="button" onClick={() => setStopping(true)}>
          Stop
        </button>
      )}
      <span class="quiet" role="status">
        {answer}
      </span>
    </span>
  )
}
