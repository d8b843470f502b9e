import { expectHealthy } from '../tests/expect-healthy.js'

expectHealthy(['GPT', 'LSTM', 'GAN'])
