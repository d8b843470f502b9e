import { describe } from 'vitest'
import { batchBugs, gradientBugs, lossBugs, rateBugs } from '../tests/bugs.js'
import { nameBugs } from '../tests/name-bugs.js'

describe('a bug is named by the right check:', () => {
  nameBugs([...lossBugs, ...gradientBugs, ...batchBugs, ...rateBugs])
})
