import { describe, expect, test } from 'vitest'
import { canLoad, gpuFailure, loadFailure } from './failure.js'

const again = 'run npm rebuild @tensorflow/tfjs-node --ignore-scripts=false'

describe('loadFailure', () => {
  test.each([
    [
      'libtensorflow.so.2: cannot open shared object file: No such file or directory',
      `libtensorflow.so.2 missing: its download is incomplete; ${again}`,
    ],
    [
      'dlopen(/lib/tfjs_binding.node, 0x0001): Library not loaded: @rpath/libtensorflow.2.dylib\n  Referenced from: …',
      `@rpath/libtensorflow.2.dylib missing: its download is incomplete; ${again}`,
    ],
    [
      '/lib/tfjs_binding.node: undefined symbol: TFE_ContextSetSoftDevicePlacement',
      `its library has no TFE_ContextSetSoftDevicePlacement, it is of another version; ${again}`,
    ],
    ['/lib/tfjs_binding.node: invalid ELF header', `its binary is for another system or processor; ${again}`],
    [
      "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /lib/libtensorflow.so.2)",
      'its binary needs GLIBC_2.34, which this system is too old for; take another engine',
    ],
    [
      "Cannot find module '@mapbox/node-pre-gyp'\nRequire stack:\n- /lib/index.js",
      '@mapbox/node-pre-gyp missing: run npm i @tensorflow/tfjs-node',
    ],
    ['Something else\n  at x', 'does not load: Something else'],
  ])('%s', (message, expected) => {
    expect(loadFailure('@tensorflow/tfjs-node', new Error(message))).toBe(expected)
  })
})

describe('gpuFailure', () => {
  test('begins with the driver', () => {
    expect(gpuFailure(() => false)).toBe('no CUDA GPU found: this system has no NVIDIA driver (libcuda.so.1)')
  })

  test('names each library that is missing, and each package once', () => {
    expect(gpuFailure((library) => !/cublas|cudnn/.test(library))).toBe(
      'no CUDA GPU found: libcublas.so.11, libcublasLt.so.11, libcudnn.so.8 missing; install CUDA 11.2 with cuDNN 8.1, ' +
        'or pip install "nvidia-cublas-cu11" "nvidia-cudnn-cu11<9" and add the lib folders to LD_LIBRARY_PATH',
    )
  })

  test('asks the driver when nothing is missing', () => {
    expect(gpuFailure(() => true)).toBe(
      'no CUDA GPU found, though CUDA 11 and cuDNN 8 are there: see nvidia-smi',
    )
  })
})

test.runIf(process.platform === 'linux')('canLoad knows libraries that are no addons', () => {
  expect(canLoad('libm.so.6')).toBe(true)
  expect(canLoad('libno-such-thing.so.1')).toBe(false)
})
