export type { Effect, Practice, PracticeNumber, RunnableForm, Source } from './practice.js'
export { practiceOf, practices } from './practices.js'
