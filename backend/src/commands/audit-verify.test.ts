import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordAudit, signAuditLines } from '#audit'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { programEnvironment } from '../../test/program-environment.ts'

const program = fileURLToPath(new URL('audit-verify.ts', import.meta.url))
const secret = 'b1946ac92492d2347c6235b4d2611184f3a8c6c1'

describe.each(databases)('bun run audit:verify on $dialect', ({ open }) => {
  let database: TestDatabase
  const lines: string[] = []

  beforeAll(async () => {
    database = await open()
    const log = signAuditLines(createLogger('info', { write: (line) => lines.push(line) }), [
      secret,
    ])
    for (const requestId of ['r-1', 'r-2', 'r-3']) {
      await recordAudit(
        {
          actor: { type: 'system' },
          requestId,
          ip: null,
          now: () => new Date(),
          log,
          db: database.db,
        },
        { action: 'auth.sign-in', outcome: 'success', target: { instance: 'a', b: 1 } },
      )
    }
  })
  afterAll(() => database.dispose())

  const run = (args: string[], input = '', env: NodeJS.ProcessEnv = {}) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...args], {
      env: {
        ...programEnvironment,
        HUB_MODE: 'true',
        SESSION_SECRET: secret,
        ENABLED_AUTH_PROVIDERS: 'oidc',
        OIDC_PROVIDER_ISSUER: 'https://login.example.com',
        OIDC_PROVIDER_CLIENT_ID: 'hub',
        DATABASE_URL: database.url,
        ...env,
      },
      encoding: 'utf8',
      input,
    })
    return { status, stdout, stderr }
  }

  test('0 while nothing is wrong, beside whoever writes, and the head it prints is one it takes', () => {
    const first = run(['--log'], `2026-11-22T10:00:00Z stdout F ${lines.join('other line\n')}`)
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(first.stdout).toContain('3 rows read. 3 compared with the log.\n')
    const head = /^--head (\S+)$/m.exec(first.stdout)![1]!
    expect(run(['--head', head])).toMatchObject({ status: 0 })
    expect(run(['--head', head], '', { SESSION_SECRET: `another-${secret}` })).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('not signed by'),
    })
  })

  test('1 and the row, where one was changed behind the back of the hub, or cut off', async () => {
    const { auditLog } = database.db.tables
    const [, , last] = await database.db.read.select().from(auditLog).orderBy(asc(auditLog.seq))
    await database.db.transaction(async (tx) => {
      await tx.queries.update(auditLog).set({ actor: 'oidc:eve' }).where(eq(auditLog.seq, 2))
      await tx.queries.delete(auditLog).where(eq(auditLog.seq, last!.seq))
    })
    const changed = run([])
    expect(changed.status).toBe(1)
    expect(changed.stdout).toMatch(/^Row 2 \(auth\.sign-in, .*\) was changed/)
    const cutOff = run(['--log'], lines.join(''))
    expect(cutOff.status).toBe(1)
    expect(cutOff.stdout).toContain('The end is cut off: the last row is 2, and the log has row 3.')
  })

  test.each([
    [['--head', '3:abc'], '', {}, /"3:abc" is not a head/],
    [['--what'], '', {}, /Usage: bun run audit:verify/],
    [['--log'], 'nothing of the hub\n', {}, /has no audit rows/],
    [[], '', { DATABASE_URL: '/nowhere/hub.db' }, /There is no \/nowhere\/hub\.db/],
    [[], '', { DATABASE_URL: 'postgres://u:s3cret@127.0.0.1:1/hub' }, /ECONNREFUSED/],
    [[], '', { DATABASE_URL: 'mysql://u@h/hub' }, /DATABASE_URL names a mysql database/],
  ])('2 and a sentence for %j', (args, input, env, sentence) => {
    const { status, stderr, stdout } = run(args, input, env)
    expect(status).toBe(2)
    expect(stderr).toMatch(sentence)
    expect(stdout + stderr).not.toContain('s3cret')
  })
})
