// Begins to compute for ever when it is told to stop, as a long training step would.
import { stopOnSignal } from '../src/actions/stop-on-signal.js'

stopOnSignal(() => {
  process.stdout.write('stopping\n')
  for (;;);
})
setInterval(() => {}, 1000)
process.stdout.write('ready\n')
