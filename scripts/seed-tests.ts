import fc from 'fast-check'
import { beforeEach } from 'vitest'
import { seedRandom } from './seed-random.js'

// A failure must not depend on the day. To look for others: DLKIT_TEST_SEED=2 npm test
const seed = Number(process.env.DLKIT_TEST_SEED ?? 1)

fc.configureGlobal({ seed })
beforeEach(() => seedRandom(seed))
