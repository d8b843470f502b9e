import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../packages.js'

export type Target = 'cpu' | 'gpu'

/*
 * TensorFlow's wheels hold the C functions that tfjs-node calls in libtensorflow_cc.so.2 since 2.12. Up to 2.11 they are
 * in Python's own module, which needs an interpreter around it. 2.14 is the last one for CUDA 11; conformance is
 * the same on 2.12, 2.14 and 2.15.
 */
const tensorflow = '2.14.1'
const wheels: Record<Target, string[]> = {
  cpu: [`tensorflow-cpu==${tensorflow}`],
  gpu: [
    `tensorflow==${tensorflow}`,
    'nvidia-cublas-cu11==11.11.3.6',
    'nvidia-cuda-runtime-cu11==11.8.89',
    'nvidia-cudnn-cu11==8.7.0.84',
    'nvidia-cufft-cu11==10.9.0.58',
    'nvidia-curand-cu11==10.3.0.86',
    'nvidia-cusolver-cu11==11.4.1.48',
    'nvidia-cusparse-cu11==11.7.5.86',
  ],
}
const pythonOfWheels = '3.10'
/** Libraries go side by side into the folder `lib`, where they find each other. */
const extract = `
import os, re, shutil, sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as members:
    for name in members.namelist():
        if re.fullmatch(r'tensorflow/lib.*\\.so\\.2|nvidia/.*/lib/.*\\.so[.0-9]*', name):
            with members.open(name) as source, open(os.path.join(folder, 'lib', os.path.basename(name)), 'wb') as copy:
                shutil.copyfileobj(source, copy)
        elif re.fullmatch(r'tensorflow/include/tensorflow/(c|tsl|core/platform)/.*\\.h', name):
            members.extract(name, folder)
`

const packageFolder = (target: Target) =>
  join(root, 'node_modules/@tensorflow', target === 'gpu' ? 'tfjs-node-gpu' : 'tfjs-node')

/** Where the package looks for its addon. */
export const addonLink = (target: Target) => join(packageFolder(target), 'lib/napi-v8/tfjs_binding.node')

/**
 * Builds the addon, unless that was done before, and links it to where its package looks for it.
 *
 * @returns the path of the addon, in `.cache/`
 * @throws {Error} in one line, when a wheel cannot be downloaded or the compiler fails
 */
export function buildAddon(target: Target): string {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('the wheels are for Linux on x64')
  const folder = join(root, '.cache/tfjs-node', `${tensorflow}-${target}`)
  const addon = join(folder, 'lib/tfjs_binding.node')
  if (!existsSync(addon)) {
    const building = `${folder}.building`
    rmSync(building, { recursive: true, force: true })
    mkdirSync(join(building, 'lib'), { recursive: true })
    for (const wheel of wheels[target]) unpack(wheel, building)
    compile(target, building)
    rmSync(join(building, 'tensorflow'), { recursive: true })
    rmSync(folder, { recursive: true, force: true })
    renameSync(building, folder)
  }
  const link = addonLink(target)
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(addon, link)
  return addon
}

function unpack(wheel: string, folder: string): void {
  const downloads = mkdtempSync(join(folder, 'wheel-'))
  const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux1_x86_64']
  try {
    run('python3', [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-deps'],
      ...['--only-binary=:all:', `--python-version=${pythonOfWheels}`, `--dest=${downloads}`],
      ...platforms.map((platform) => `--platform=${platform}`),
      wheel,
    ])
    run('python3', ['-c', extract, filesIn(downloads, '.whl')[0]!, folder])
  } finally {
    rmSync(downloads, { recursive: true })
  }
}

function compile(target: Target, folder: string): void {
  run('g++', [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8'],
    `-I${join(root, 'node_modules/node-api-headers/include')}`,
    `-I${join(folder, 'tensorflow/include')}`,
    ...filesIn(join(packageFolder(target), 'binding'), '.cc'),
    ...['-o', join(folder, 'lib/tfjs_binding.node'), `-L${join(folder, 'lib')}`],
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN'],
  ])
}

const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))

function run(command: string, parameters: string[]): void {
  const { error, status, stderr } = spawnSync(command, parameters, { encoding: 'utf8' })
  if (status === 0) return
  const lines = (stderr ?? '').split('\n').filter((line) => /error/i.test(line))
  throw new Error(
    `${command}: ${error?.message ?? lines[0] ?? `ended with ${status}`} (${parameters.at(-1)})`,
  )
}
