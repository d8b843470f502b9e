// Compiles the operators for this system with its C compiler: node build.js [FILE]
// Where there is none, it says so and leaves nothing: the engine works without them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { libraryOf } from './src/library.js'

const file = (path) => fileURLToPath(new URL(path, import.meta.url))
const target = process.argv[2] ?? libraryOf(process.platform, process.arch)
const places = Object.entries(JSON.parse(readFileSync(file('src/places.json'), 'utf8')))
const compiler = process.env.CC ?? 'cc'

mkdirSync(dirname(target), { recursive: true })
const { error, status } = spawnSync(
  compiler,
  [
    // Products and sums are rounded one by one, as ONNX Runtime's own operators do.
    ...['-O3', '-std=c11', '-Wall', '-Wextra', '-ffp-contract=off', '-fno-math-errno', '-shared', '-fPIC'],
    ...places.map(([name, place]) => `-DPLACE_${name}=${place}`),
    ...[file('src/operators.c'), '-o', target],
    ...(process.platform === 'win32' ? [] : ['-lm']),
  ],
  { stdio: 'inherit' },
)
if (error?.code === 'ENOENT') {
  console.log(
    `@dlkit/native: no C compiler "${compiler}" here (CC names another one); built without operators.`,
  )
} else if (error || status !== 0) {
  throw error ?? new Error(`@dlkit/native: ${compiler} ended with ${status}.`)
}
