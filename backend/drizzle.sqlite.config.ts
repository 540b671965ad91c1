import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: 'backend/src/db/schema-sqlite.ts',
  out: 'backend/migrations/sqlite',
})
