// Compiles the operators for this system with its C compiler: node build.js [FILE]
// Where there is none, it says so and leaves nothing: the engine works without them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { libraryOf } from './src/library.js'

const source = (name) => fileURLToPath(new URL(`src/${name}`, import.meta.url))
const target = process.argv[2] ?? libraryOf(process.platform, process.arch)
const compiler = process.env.CC ?? 'cc'
const places = Object.entries(JSON.parse(readFileSync(source('places.json'), 'utf8')))
const common = [
  '-O3',
  '-std=c11',
  '-D_POSIX_C_SOURCE=200809L',
  '-Wall',
  '-Wextra',
  '-fPIC',
  '-fvisibility=hidden',
]
const multiplier = (name, lanes, rows, ...instructions) => ({
  source: 'multiply.c',
  options: [
    `-DMULTIPLIER=${name}Multiplier`,
    `-DLANES=${lanes}`,
    `-DMOST=${rows}`,
    '-ffp-contract=fast',
    ...instructions,
  ],
})
/** What is compiled; products and sums of single numbers are rounded one by one, as ONNX Runtime's own operators do. */
const units = [
  ...[
    'operators.c',
    'adam.c',
    'convolution-operators.c',
    'windows.c',
    'filter-gradient.c',
    'scratch.c',
    'processor.c',
  ].map((source) => ({ source, options: ['-ffp-contract=off', '-fno-math-errno'] })),
  multiplier('plain', 4, 6),
  ...(process.arch === 'x64'
    ? [multiplier('avx2', 8, 6, '-mavx2', '-mfma'), multiplier('avx512', 16, 14, '-mavx512f', '-mfma')]
    : []),
]

const objects = mkdtempSync(join(tmpdir(), 'dlkit-native-'))
try {
  const files = units.map((_, i) => join(objects, `${i}.o`))
  const isThere = units.every(({ source: name, options }, i) => {
    const defined = places.map(([function_, place]) => `-DPLACE_${function_}=${place}`)
    return compiles([...common, ...options, ...defined, '-c', source(name), '-o', files[i]])
  })
  if (isThere) {
    mkdirSync(dirname(target), { recursive: true })
    compiles([
      '-shared',
      ...files,
      '-o',
      target,
      ...(process.platform === 'win32' ? [] : ['-lm', '-lpthread']),
    ])
  } else {
    console.log(
      `@dlkit/native: no C compiler "${compiler}" here (CC names another one); built without operators.`,
    )
  }
} finally {
  rmSync(objects, { recursive: true })
}

/** Whether there is a compiler; throws where it refuses. */
function compiles(options) {
  const { error, status } = spawnSync(compiler, options, { stdio: 'inherit' })
  if (error?.code === 'ENOENT') return false
  if (error || status !== 0) throw error ?? new Error(`@dlkit/native: ${compiler} ended with ${status}.`)
  return true
}
