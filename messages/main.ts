// Writes docs/messages.md, every sentence that people read: `bun run messages`.
import { writeFileSync } from 'node:fs'
import { listPath, writeList } from './write-list.ts'

writeFileSync(listPath, writeList())
