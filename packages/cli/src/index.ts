export { choice, conditional, int, logUniform, uniform } from '@dlkit/search'
export { defineConfig } from './define-config.js'
export { defineTraining, type Training } from './define-training.js'
export { run } from './run.js'
