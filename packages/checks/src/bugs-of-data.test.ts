import { describe } from 'vitest'
import { dataBugs } from '../tests/data-bugs.js'
import { nameBugs } from '../tests/name-bugs.js'

describe('a bug of the data is named by the right check:', () => {
  nameBugs(dataBugs)
})
