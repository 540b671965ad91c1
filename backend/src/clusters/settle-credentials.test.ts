import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { beginAttempt } from '../audit/attempts.ts'
import { selectAuditRows } from '../audit/store.ts'
import { settleCredentials, sha256Of } from './settle-credentials.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { quietLog } from '../../test/quiet-log.ts'

const minute = 60_000

describe.each(databases)('credentials whose change nobody wrote the end of, on $dialect', (on) => {
  let database: TestDatabase
  let directory: string
  beforeAll(async () => {
    database = await on.open()
    directory = await mkdtemp(join(tmpdir(), 'hub-credentials-'))
  })
  afterAll(async () => {
    await database.dispose()
    await rm(directory, { recursive: true })
  })

  test.each<[string, 'credential.put' | 'credential.delete', string | null, number, string]>([
    ['written', 'credential.put', 'new', 2, 'success settled-present'],
    ['not-written', 'credential.put', null, 2, 'failure settled-absent'],
    ['as-before', 'credential.put', 'old', 2, 'failure settled-other'],
    ['another-later', 'credential.put', 'old', 90, 'unknown settled-other'],
    ['removed', 'credential.delete', null, 2, 'success settled-absent'],
    ['still-there', 'credential.delete', 'old', 2, 'failure settled-other'],
  ])('H9: %s (%s)', async (instance, action, content, minutes, found) => {
    const requestId = `request-${instance}`
    const ctx = contextOf([grant('admin')], { db: database.db, requestId })
    const evidence = { sha256: sha256Of('new') }
    await beginAttempt(ctx, { action, target: { instance }, evidence })
    if (content !== null) await writeFile(join(directory, `${instance}.kubeconfig`), content)
    const settle = (afterMs: number) =>
      settleCredentials({
        db: database.db,
        now: () => new Date(Date.now() + afterMs),
        log: quietLog,
        directory,
      })
    await settle(0)
    await Promise.all([settle(minutes * minute), settle(minutes * minute)])
    const rows = (await selectAuditRows(database.db, 100)).filter(
      (row) => row.requestId === requestId,
    )
    expect(rows.map(({ outcome, reason }) => `${outcome} ${reason}`).toReversed()).toEqual([
      'attempt null',
      found,
    ])
  })
})
