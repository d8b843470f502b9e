#!/usr/bin/env node
import { run } from './run.js'

// A reader that goes away (`dlkit train --json | head -1`) ends the command as it would any other.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})

process.exitCode = await run(process.argv.slice(2))
