import { describe, expect, test } from 'vitest'
import { nativeFailure, nodeTooNew } from './native-package.js'
import { tfjsNodeEngine } from './tfjs-node.js'

const packageName = '@tensorflow/tfjs-node'

describe('native engines', () => {
  test('a missing package is not installed', () => {
    expect(tfjsNodeEngine.unavailable()).toBe('not installed')
  })

  test('a missing binary names the install scripts and the command that repairs it', () => {
    // The message that tfjs-node 4.22 throws after an installation with --ignore-scripts.
    const message =
      'The Node.js native addon module (tfjs_binding.node) can not be found at path: /lib/napi-v8/tfjs_binding.node. \n' +
      "Please run command 'npm rebuild @tensorflow/tfjs-node --build-addon-from-source'"
    expect(nativeFailure(packageName, new Error(message))).toBe(
      'binary missing: it was installed with install scripts off; run npm rebuild @tensorflow/tfjs-node --ignore-scripts=false',
    )
  })

  test('any other failure is shortened to its first line', () => {
    expect(nativeFailure(packageName, new Error('GLIBC_2.99 not found\n  at x'))).toBe(
      'does not load: GLIBC_2.99 not found',
    )
  })

  test('Node 23 and newer is too new', () => {
    expect(nodeTooNew('22.21.0')).toBeUndefined()
    expect(nodeTooNew('23.0.0')).toBe('needs Node < 23, this is 23.0.0')
  })
})
