import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { dlkit } from '../../tests/dlkit-process.js'
import { describeWithStandIn } from '../../tests/gpu-stand-in.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-gpu-'))
})
afterAll(() => rm(folder, { recursive: true }))

const isSupported = process.platform === 'linux' && process.arch === 'x64'

describe.skipIf(!isSupported)('where a library is missing', () => {
  beforeAll(async () => {
    vi.stubEnv('DLKIT_GPU_STAND_IN', undefined)
    const libraries = join(folder, 'libraries')
    await mkdir(libraries)
    for (const name of ['libcudart.so.13', 'libonnxruntime_providers_cuda.so'])
      await writeFile(join(libraries, name), '')
    await mkdir(join(folder, '.venv/lib/python3.11/site-packages/nvidia/cu13/lib'), { recursive: true })
    vi.stubEnv('DLKIT_CUDA_PATH', libraries)
    vi.stubEnv('VIRTUAL_ENV', undefined)
    vi.stubEnv('CONDA_PREFIX', undefined)
    // None of the nothing that this machine may have.
    vi.stubEnv('LD_LIBRARY_PATH', undefined)
  })
  afterAll(() => {
    vi.unstubAllEnvs()
  })

  test('it is named, with what brings it; what is there, with its place', async () => {
    const { code, stdout, stderr } = await dlkit(['gpu', '--no-speed', '--verbose'], folder)
    expect(code).toBe(3)
    expect(stderr).toMatch(/^dlkit: no GPU can be used here: [^\n]+\n$/)
    expect(stdout).toContain(`found   libcudart.so.13                  ${folder}/libraries/libcudart.so.13\n`)
    expect(stdout).toMatch(/^missing libcudnn\.so\.9 +comes with nvidia-cudnn-cu13 of PyPI$/m)
    // Without ONNX Runtime's own library beside it, the provider is of no use.
    expect(stdout).toMatch(
      /^missing libonnxruntime_providers_cuda\.so +comes with onnxruntime-gpu==\S+ of PyPI$/m,
    )
    expect(stdout).toMatch(/^Looked in, in this order:\n {2}\S+\/libraries$/m)
    expect(stdout).toMatch(/^ {2}pip install onnxruntime-gpu==[\d.]+ .*nvidia-cudnn-cu13$/m)
    expect(stdout).not.toMatch(/pip install .*nvidia-cuda-runtime/)
    expect(stdout).toMatch(/^ {2}\. \.venv\/bin\/activate$/m)
  })

  test('quiet says only what to do, JSON is one object', async () => {
    const quiet = await dlkit(['gpu', '--quiet'], folder)
    expect(quiet).toMatchObject({ code: 3, stdout: expect.stringMatching(/^To use one:\n( {2}[^\n]+\n)+$/) })
    const { code, stdout } = await dlkit(['gpu', '--json'], folder)
    expect(code).toBe(3)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({
      usable: false,
      reason: expect.any(String),
      driver: { gpus: expect.any(Array) },
    })
    expect(report.files.find(({ name }: { name: string }) => name === 'libcudart.so.13').path).toContain(
      folder,
    )
  })

  test('libraries of an environment that is not active are offered, and then found', async () => {
    const packages = join(folder, '.venv/lib/python3.11/site-packages')
    await writeFile(join(packages, 'nvidia/cu13/lib/libcudnn.so.9'), '')
    const offered = await dlkit(['gpu', '--json'], folder)
    const { fixes } = JSON.parse(offered.stdout)
    const [, path] = /^export DLKIT_CUDA_PATH='(.+)'$/m.exec(fixes.join('\n')) ?? []
    expect(path).toMatch(/^\/.*\/libraries:\/.*\.venv\/lib\/python3\.11\/site-packages\/nvidia\/cu13\/lib/)
    expect(fixes.join()).not.toContain('nvidia-cudnn-cu13')
    vi.stubEnv('DLKIT_CUDA_PATH', path!)
    const { files } = JSON.parse((await dlkit(['gpu', '--json'], folder)).stdout)
    const { path: found } = files.find(({ name }: { name: string }) => name === 'libcudnn.so.9')
    expect(found).toBe(join(packages, 'nvidia/cu13/lib/libcudnn.so.9'))
  })
})

describeWithStandIn('with a stand-in', () => {
  afterEach(() => {
    delete process.env.DLKIT_STAND_IN_LAUNCHES
  })

  test('it computes what the processors compute, both are timed, and the answer says what it is', async () => {
    const { code, stdout, stderr } = await dlkit(['gpu'], folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^! A stand-in for NVIDIA's libraries is in use \(DLKIT_GPU_STAND_IN\): \//m)
    expect(stdout).toMatch(/^Computes: stand-in, 1 of 1 GiB free$/m)
    expect(stdout).toMatch(/^ {2}stand-in +[\d.]+ ms a step \(median of \d+ steps?\)$/m)
    expect(stdout).toMatch(/^ {2}processors [\d.]+ ms a step \(median of \d+ steps?\)$/m)
    expect(stdout).toMatch(/^The stand-in works, on processors: .*dlkit.* train --engine onnxruntime-cuda$/m)
  })

  test('one that fails in the training is doubtful', async () => {
    process.env.DLKIT_STAND_IN_LAUNCHES = '20'
    const { code, stdout, stderr } = await dlkit(['gpu', '--json'], folder)
    expect(code).toBe(3)
    expect(stderr).toMatch(/^dlkit: no GPU can be used here: stand-in: the GPU was lost[^\n]+\n$/)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ usable: false, gpu: { name: 'stand-in' } })
    expect(report.reason).toContain('the GPU was lost')
  })
})
