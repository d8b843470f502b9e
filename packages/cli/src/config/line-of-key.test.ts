import { expect, test } from 'vitest'
import { lineOfKey } from './line-of-key.js'

test.each([
  ['{\n  "size": 3,\n  "model": {\n    "size": 4\n  }\n}', 'size', 2],
  ['{\n  "size": 3,\n  "model": {\n    "size": 4\n  }\n}', 'model.size', 4],
  ['steps: 3\nmodel:\n  filters: many\n', 'model.filters', 3],
  ["export default defineConfig({\n  steps: 3,\n  'seed': -1,\n})", 'seed', 3],
  ['{"resize": 1,\n"size": 2}', 'size', 2],
  ['{"a.b": 1}', 'a.b', undefined],
  ['export default { ...shared }', 'size', undefined],
])('in %j %s stands on line %s', (source, path, line) => {
  expect(lineOfKey(source, path.split('.'))).toBe(line)
})
