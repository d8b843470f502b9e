export { defineConfig } from './define-config.js'
export { run } from './run.js'
