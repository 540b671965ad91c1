import type { Reader } from '#db'
import { checkRows, type Verification } from './check-rows.ts'
import { findRowsAfter } from './find-rows.ts'
import type { AuditRow } from './rows.ts'
import type { SignedHead } from './signed-head.ts'
import { findCheckpoint } from './store.ts'

const rowsAtOnce = 1000
const attemptsMax = 3

/** Reads the whole audit log and says what of it is not as the hub wrote it. The hub may go on writing meanwhile. */
export async function verifyAudit(
  db: Reader,
  options: { secrets: readonly string[]; heads?: readonly SignedHead[] },
): Promise<Verification> {
  for (let attempt = 1; ; attempt += 1) {
    const checkpoint = await findCheckpoint(db)
    const verification = await checkRows(readRows(db), checkpoint, options)
    // The retention may have removed what was about to be read.
    const isSettled = (await findCheckpoint(db))?.seq === checkpoint?.seq
    if (verification.findings.length === 0 || isSettled || attempt === attemptsMax) {
      return verification
    }
  }
}

async function* readRows(db: Reader): AsyncGenerator<AuditRow> {
  let after = 0
  for (;;) {
    const rows = await findRowsAfter(db, {}, { after, limit: rowsAtOnce })
    yield* rows
    after = rows.at(-1)?.seq ?? after
    if (rows.length < rowsAtOnce) return
  }
}
