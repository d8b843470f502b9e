// Writes docs/practices.md from the table in packages/practices.
import { writeFileSync } from 'node:fs'
import { practicesPage, practicesText } from './practices-page.js'

writeFileSync(practicesPage, practicesText())
