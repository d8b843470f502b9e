// Compiles the operators for this system with its C compiler: node build.js [FILE]
// Where there is none, it says so and leaves nothing: the engine works without them.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
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
  ...readdirSync(source('.'))
    .filter((name) => name.endsWith('.c') && name !== 'multiply.c')
    .map((name) => ({
      source: name,
      options: ['-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math'],
    })),
  multiplier('plain', 4, 6),
  ...(process.arch === 'x64'
    ? [multiplier('avx2', 8, 6, '-mavx2', '-mfma'), multiplier('avx512', 16, 14, '-mavx512f', '-mfma')]
    : []),
]

/** It stays loaded: its threads free their memory when they end, maybe after whoever loaded it. */
const stays = process.platform === 'linux' ? ['-Wl,-z,nodelete'] : []
/** Nothing is compiled anew that is newer than all it is made of. */
const isThere =
  process.argv[2] === undefined &&
  existsSync(target) &&
  [...readdirSync(source('.')).map(source), fileURLToPath(import.meta.url)].every(
    (file) => statSync(file).mtimeMs < statSync(target).mtimeMs,
  )
if (isThere) process.exit()

const objects = mkdtempSync(join(tmpdir(), 'dlkit-native-'))
try {
  const defined = places.map(([name, place]) => `-DPLACE_${name}=${place}`)
  const files = units.map((_, i) => join(objects, `${i}.o`))
  await Promise.all(
    units.map(({ source: name, options }, i) =>
      compile([...common, ...options, ...defined, '-c', source(name), '-o', files[i]]),
    ),
  )
  mkdirSync(dirname(target), { recursive: true })
  await compile([
    '-shared',
    ...files,
    '-o',
    target,
    ...stays,
    ...(process.platform === 'win32' ? [] : ['-lm', '-lpthread']),
  ])
} catch (error) {
  if (error.code !== 'ENOENT') throw error
  console.log(
    `@dlkit/native: no C compiler "${compiler}" here (CC names another one); built without operators.`,
  )
} finally {
  rmSync(objects, { recursive: true })
}

function compile(options) {
  return new Promise((done, fail) => {
    const child = spawn(compiler, options, { stdio: 'inherit' })
    child.on('error', fail)
    child.on('close', (status) =>
      status === 0 ? done() : fail(new Error(`@dlkit/native: ${compiler} ended with ${status}.`)),
    )
  })
}
