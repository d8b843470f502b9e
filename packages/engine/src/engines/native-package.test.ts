import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nativeEngine } from './native-package.js'

const { resolve } = createRequire(import.meta.url)

describe('native engines', () => {
  test('a missing package is named with the command that installs it', () => {
    const engine = nativeEngine('tfjs-node-tpu' as 'tfjs-node-gpu', 'gpu', 'for a test')
    expect(engine.unavailable()).toBe('not installed: npm i @tensorflow/tfjs-node-tpu --ignore-scripts=false')
  })

  // The state that npm leaves behind here, where install scripts are off.
  test.skipIf(existsSync(join(resolve('@tensorflow/tfjs-node/package.json'), '../lib')))(
    'a package without its binary is named with the command that builds it',
    () => {
      expect(nativeEngine('tfjs-node', 'cpu', 'for a test').unavailable()).toBe(
        'binary missing: it was installed with install scripts off; run npm rebuild @tensorflow/tfjs-node --ignore-scripts=false',
      )
    },
  )
})
