import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: 'backend/src/db/schema-postgres.ts',
  out: 'backend/migrations/postgres',
})
