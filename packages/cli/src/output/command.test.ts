import { expect, test } from 'vitest'
import { command } from './command.js'

test.each([
  [{}, '/usr/bin/dlkit', 'dlkit'],
  [{}, '/usr/lib/node_modules/@dlkit/cli/dist/bin.js', 'dlkit'],
  [{ npm_lifecycle_event: 'npx' }, '/a/node_modules/.bin/dlkit', 'npx dlkit'],
  [{}, '/a/node_modules/.bin/dlkit', 'npx dlkit'],
  [{ npm_lifecycle_event: 'colour' }, '/a/node_modules/@dlkit/cli/dist/bin.js', 'npx dlkit'],
  [{ npm_lifecycle_event: 'dlkit' }, '/a/packages/cli/src/bin.ts', 'npm run dlkit --'],
])('with %o, %s is called as %s', (env, script, typed) => {
  expect(command(env, script)).toBe(typed)
})
