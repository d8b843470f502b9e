// Imports the files that it is given, and writes a line of JSON for each with what it printed.
import { format } from 'node:util'

const write = process.stdout.write.bind(process.stdout)
let printed = ''
const keep = (text) => {
  printed += text
  return true
}
process.stdout.write = keep
for (const method of ['log', 'info', 'warn', 'error', 'table']) {
  console[method] = (...values) => keep(`${format(...values)}\n`)
}

for (const { name, file } of JSON.parse(process.argv[2])) {
  printed = ''
  try {
    await import(file)
    write(`${JSON.stringify({ name, printed })}\n`)
  } catch (error) {
    write(`${JSON.stringify({ name, printed, error: String(error?.stack ?? error) })}\n`)
  }
}
process.exit(0)
