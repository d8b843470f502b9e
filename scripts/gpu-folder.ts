// Makes the folder that `gpu:accept` needs on a machine with a GPU and without a network: npm run gpu:folder -- FOLDER [ARCHITECTURE]
// It holds Node, ONNX Runtime's CUDA provider (of onnxruntime-gpu on PyPI, with the kernels of one architecture, default 90,
// and without those of language models), the compiled operators and bundles of the programs: about 50 MB. The machine brings
// PyTorch for CUDA 13, whose NVIDIA libraries serve both. There: sh FOLDER/run.sh
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { decompress } from 'fzstd'
import { bundleSuite } from '../packages/backend-onnxruntime/conformance/bundle.js'
import { onnxRuntimeVersion } from '../packages/backend-onnxruntime/src/native/binding.js'

const runScript = `#!/bin/sh
# Measures the GPU of this machine; the report is gpu-accept.json in the folder in which it is called.
set -e
folder=$(dirname "$(realpath "$0")")
place=\${DLKIT_GPU_PLACE:-$(mktemp -d)}
python3 - "$folder/gpu.tar.xz" "$place" <<'UNPACK'
import subprocess, sys, tarfile
try:
    subprocess.run(["tar", "-C", sys.argv[2], "-I", "xz -T0", "-xf", sys.argv[1]], check=True)
except (OSError, subprocess.CalledProcessError):
    tarfile.open(sys.argv[1]).extractall(sys.argv[2])
UNPACK
packages=$(python3 -c 'import torch, os; print(os.path.dirname(os.path.dirname(torch.__file__)))')
export DLKIT_CUDA_PATH="$place/lib:$packages/nvidia/cu13/lib:$packages/nvidia/cudnn/lib"
export LD_LIBRARY_PATH="$packages/nvidia/cu13/lib:$packages/nvidia/cudnn/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export PATH="$place:$PATH"
"$place/node" "$place/app/\${1:-accept.mjs}"
`

const [folder, architecture = '90'] = process.argv.slice(2)
if (folder === undefined) throw new Error('gpu:folder: expected the folder to make.')
const target = resolve(folder)
const root = fileURLToPath(new URL('..', import.meta.url))
const from = (path: string) => join(root, path)
const stage = mkdtempSync(join(tmpdir(), 'dlkit-gpu-'))
mkdirSync(target, { recursive: true })
try {
  const lib = join(stage, 'lib')
  mkdirSync(lib)
  libraries(lib)
  cpSync(process.execPath, join(stage, 'node'))
  execFileSync('strip', [join(stage, 'node')])
  await programs(join(stage, 'app'))
  console.log('gpu:folder: compressing')
  execFileSync('tar', ['-C', stage, '-I', 'xz -T0 -6', '-cf', join(target, 'gpu.tar.xz'), '.'])
  writeFileSync(join(target, 'run.sh'), runScript)
  chmodSync(join(target, 'run.sh'), 0o755)
} finally {
  rmSync(stage, { recursive: true })
}

/** ONNX Runtime and its provider for CUDA, from PyPI. */
function libraries(lib: string): void {
  const wheels = mkdtempSync(join(tmpdir(), 'dlkit-wheel-'))
  try {
    const platforms = ['28', '27', '17'].flatMap((minor) => ['--platform', `manylinux_2_${minor}_x86_64`])
    const wheel = ['--no-deps', '--only-binary=:all:', '--python-version', '3.12', ...platforms, '-d', wheels]
    console.log(`gpu:folder: fetching onnxruntime-gpu ${onnxRuntimeVersion}`)
    execFileSync('python3', [
      '-m',
      'pip',
      'download',
      '-q',
      ...wheel,
      `onnxruntime-gpu==${onnxRuntimeVersion}`,
    ])
    execFileSync('python3', ['-m', 'zipfile', '-e', join(wheels, readdirSync(wheels)[0]!), wheels])
    const capi = join(wheels, 'onnxruntime/capi')
    for (const name of readdirSync(capi)) {
      if (!/^libonnxruntime(\.so|_providers_(cuda|shared))/.test(name)) continue
      const bytes = readFileSync(join(capi, name))
      if (name.includes('_cuda')) trim(bytes, Number(architecture))
      writeFileSync(join(lib, name), bytes)
    }
  } finally {
    rmSync(wheels, { recursive: true })
  }
}

/** Fills the code for other architectures, and that of kernels which nothing here calls, with zeros. */
function trim(library: Buffer, kept: number): void {
  const unused = ['flash', 'fmha', 'moe_', 'fpA_intB', 'eanAttention', 'xqa', 'ort_trtllm']
  const beginning = Buffer.from([0x50, 0xed, 0x55, 0xba])
  const entryHeader = { size: 4, bytes: 8, compressed: 16, architecture: 28 }
  for (let at = library.indexOf(beginning); at >= 0; at = library.indexOf(beginning, at + 8)) {
    const headerSize = library.readUInt16LE(at + 6)
    const end = at + headerSize + Number(library.readBigUInt64LE(at + 8))
    if (headerSize !== 16 || end > library.length) continue
    for (let entry = at + headerSize; entry < end; ) {
      const code = entry + library.readUInt32LE(entry + entryHeader.size)
      const next = code + Number(library.readBigUInt64LE(entry + entryHeader.bytes))
      const isKept = library.readUInt32LE(entry + entryHeader.architecture) === kept
      const names = isKept
        ? Buffer.from(
            decompress(library.subarray(code, code + library.readUInt32LE(entry + entryHeader.compressed))),
          )
        : undefined
      if (names === undefined || unused.some((name) => names.includes(name))) library.fill(0, code, next)
      entry = next
    }
  }
}

async function programs(app: string): Promise<void> {
  const external = [
    'koffi',
    'onnxruntime-node',
    '@dlkit/native',
    '@dlkit/onnxruntime',
    'jasmine-core',
    'esbuild',
  ]
  const banner = {
    js: `import { createRequire as r } from 'node:module'; const require = r(import.meta.url);`,
  }
  const options = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    external,
    banner,
    conditions: ['@dlkit/source'],
  } satisfies BuildOptions
  for (const name of ['accept', 'steps', 'follow'])
    await build({
      ...options,
      entryPoints: [from(`bench/gpu/${name}.ts`)],
      outfile: join(app, `${name}.mjs`),
    })
  await bundleSuite(join(app, 'suite.mjs'))
  await build({
    ...options,
    entryPoints: [from('packages/backend-onnxruntime/conformance/run-bundle.ts')],
    outfile: join(app, 'conformance.mjs'),
  })
  cpSync(from('bench/pix2pix.py'), join(app, 'pix2pix.py'))
  for (const name of ['koffi', '@koromix/koffi-linux-x64', 'jasmine-core']) {
    const isNeeded = (path: string) => !/\/(doc|vendor)(\/|$)/.test(path.slice(from('node_modules').length))
    cpSync(from(`node_modules/${name}`), join(app, 'node_modules', name), {
      recursive: true,
      filter: isNeeded,
      dereference: true,
    })
  }
  cpSync(from('packages/native'), join(app, 'node_modules/@dlkit/native'), { recursive: true })
  // ONNX Runtime for the processors is the same library; the provider for CUDA lies beside it.
  const upstream = join(app, 'node_modules/onnxruntime-node')
  mkdirSync(join(upstream, 'bin/napi-v6/linux'), { recursive: true })
  cpSync(from('node_modules/onnxruntime-node/package.json'), join(upstream, 'package.json'))
  execFileSync('ln', ['-s', '../../../../../../lib', join(upstream, 'bin/napi-v6/linux/x64')])
}
