import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { programEnvironment } from '../../test/program-environment.ts'

const program = fileURLToPath(new URL('move-to-postgres.ts', import.meta.url))
const [sqlite, postgres] = databases
let from: TestDatabase
let to: TestDatabase

beforeAll(async () => {
  from = await sqlite.open()
  to = await postgres.open()
  await from.db.transaction((tx) => tx.announce({ topic: 'user', subject: 'ada' }))
})
afterAll(async () => {
  await from.dispose()
  await to.dispose()
})

function run(target: string | undefined, databaseUrl = from.url) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [program], {
    env: {
      ...programEnvironment,
      DATABASE_URL: databaseUrl,
      TARGET_DATABASE_URL: target,
    },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('moves everything once, and says what there was', () => {
  const first = run(to.url)
  expect(first).toMatchObject({ status: 0, stderr: '' })
  expect(first.stdout).toContain('changes: 1 row\n')
  const again = run(to.url)
  expect(again.status).toBe(1)
  expect(again.stderr).toMatch(/^Nothing was copied\. The PostgreSQL database is not empty/)
})

test.each([
  [undefined, undefined, /Say where to/],
  ['./other.db', undefined, /begins with postgres:\/\//],
  ['postgres://u:s3cret@127.0.0.1:1/hub', undefined, /ECONNREFUSED/],
  ['postgres://u:s3cret@127.0.0.1:1/hub', '/nowhere/hub.db', /There is no \/nowhere\/hub\.db/],
  ['postgres://u@h/hub', 'postgres://u@h/old', /already names PostgreSQL/],
])('%s from %s is refused with a sentence, and no secret is in it', (target, from_, sentence) => {
  const { status, stderr, stdout } = run(target, from_)
  expect(status).toBe(1)
  expect(stderr).toMatch(sentence)
  expect(stdout + stderr).not.toContain('s3cret')
})
