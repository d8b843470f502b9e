// What a GPU has to show, next to PyTorch on the same machine: npm run gpu:accept
// Without a GPU the same with stand-ins for NVIDIA's libraries and fewer steps: npm run gpu:accept -- rehearsal
// Each line is printed when it is measured; all of it is in gpu-accept.json in this folder. What fails says why.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileGpuStandIn, hasCompiler } from '../../packages/testing/src/compiled-libraries.js'

const rehearsal = process.argv[2] === 'rehearsal'
if (rehearsal) {
  if (!hasCompiler) throw new Error('gpu:accept: a rehearsal needs a C compiler (cc, or what CC names).')
  process.env.DLKIT_GPU_STAND_IN = await compileGpuStandIn()
}
const own = fileURLToPath(import.meta.url)
const extension = own.slice(own.lastIndexOf('.'))
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const { settings, steps, long, follow, every, patience } = rehearsal
  ? { settings: [[16, 2]], steps: 6, long: 10, follow: 4, every: 128, patience: 10 }
  : {
      settings: [
        [64, 8],
        [128, 4],
        [256, 16],
        [256, 64],
      ],
      steps: 120,
      long: 5000,
      follow: 200,
      every: 3,
      patience: 1,
    }
const report: Record<string, unknown> = {
  ...{ device: rehearsal ? 'stand-in' : deviceName(), date: new Date().toISOString(), node: process.version },
}
type Result = Record<string, unknown> & { times?: number[]; failed?: string }

tell('conformance', conformance())
const [size, batch] = settings[0] as [number, number]
const followed = node(`follow${extension}`, [follow, size, batch], 120)
tell(`${follow} steps beside the processors`, followed, followed.failed ?? JSON.stringify(followed))
for (const [size, batch] of settings as [number, number][]) {
  const twins: Record<string, Result> = { dlkit: node(`steps${extension}`, ['gpu', size, batch, steps], 90) }
  for (const mode of rehearsal ? ['tuned'] : ['cuda', 'cuda-tuned', 'cuda-graph'])
    twins[`PyTorch ${mode}`] = python([size, batch, 2, steps, mode])
  for (const [name, twin] of Object.entries(twins)) tell(`${size}/${batch} ${name}`, twin, summary(twin))
}
const many = node(`steps${extension}`, ['gpu', size, batch, long], 120)
tell(`${long} steps`, many, many.failed ?? `${summary(many)}, ${JSON.stringify(many.memory)}`)

function tell(name: string, result: unknown, text = String(result)): void {
  console.log(`${name}: ${text}`)
  report[name] = result
  writeFileSync('gpu-accept.json', `${JSON.stringify(report)}\n`)
}

function deviceName(): string {
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], {
    encoding: 'utf8',
  })
  return stdout?.trim() || 'unknown: nvidia-smi does not answer'
}

/** Each so many-th of tfjs-core's own specs, in full precision. */
function conformance(): string {
  const bundled = beside('conformance.mjs')
  const runner = existsSync(bundled)
    ? bundled
    : beside('../../packages/backend-onnxruntime/conformance/run.ts')
  const env = { ...process.env, CONFORMANCE_DEVICE: 'gpu', CONFORMANCE_EVERY: `${every}` }
  const { stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, runner], {
    ...{ encoding: 'utf8', env, timeout: patience * 150_000, maxBuffer: 2 ** 28 },
  })
  const lines = stdout.split('\n').filter((line) => /^FAILED|^ {7}|specs passed/.test(line))
  return lines.join(' | ') || stderr.slice(-500)
}

function node(file: string, args: (string | number)[], seconds: number): Result {
  return run(process.execPath, [...process.execArgv, beside(file), ...args], seconds)
}

function python(args: (string | number)[]): Result {
  const file = [beside('pix2pix.py'), beside('../pix2pix.py')].find(existsSync)!
  return run(process.env.PYTHON ?? 'python3', ['-W', 'ignore', file, ...args], 90)
}

function run(program: string, parameters: (string | number)[], seconds: number): Result {
  const { stdout, stderr, status, signal } = spawnSync(program, parameters.map(String), {
    encoding: 'utf8',
    timeout: patience * seconds * 1000,
    maxBuffer: 2 ** 28,
  })
  const last = stdout?.trim().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(last)
  } catch {
    const said = (stderr || last).trim().split('\n').slice(-8).join(' | ')
    return { failed: `failed (${signal ?? status}): ${said.slice(0, 2000)}` }
  }
}

function summary({ times, failed, compileMs, fallbacks, memory, device_megabytes: torchMb }: Result): string {
  if (times === undefined) return failed!
  const late = times.slice(Math.min(20, times.length >> 1)).sort((a, b) => a - b)
  const mb =
    (memory as { deviceMb: number }[] | undefined)?.at(-1)?.deviceMb ?? (torchMb as number | undefined)
  return [
    `best ${late[0]!.toFixed(2)} ms, median ${late[late.length >> 1]!.toFixed(2)} ms, first ${times[0]!.toFixed(0)} ms`,
    ...(compileMs === undefined
      ? []
      : [`compiled in ${Math.round(compileMs as number)} ms, fallbacks ${JSON.stringify(fallbacks)}`]),
    ...(mb ? [`${Math.round(mb)} MB on the device`] : []),
  ].join(', ')
}
