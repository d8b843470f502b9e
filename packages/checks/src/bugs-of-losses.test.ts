import { describe } from 'vitest'
import { batchBugs, gradientBugs, lossBugs, rateBugs } from '../tests/loss-bugs.js'
import { nameBugs } from '../tests/name-bugs.js'

describe('a bug of the loss or the loop is named by the right check:', () => {
  nameBugs([...lossBugs, ...gradientBugs, ...batchBugs, ...rateBugs])
})
