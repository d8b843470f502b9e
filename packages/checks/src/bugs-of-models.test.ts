import { describe } from 'vitest'
import { modelBugs } from '../tests/model-bugs.js'
import { nameBugs } from '../tests/name-bugs.js'

describe('a bug of the model is named by the right check:', () => {
  nameBugs(modelBugs)
})
