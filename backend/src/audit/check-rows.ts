import { chainStart, hashRow } from './chain.ts'
import type { AuditCheckpoint, AuditRow } from './rows.ts'
import { createHeads, type SignedHead } from './signed-head.ts'

export type Verification = {
  /** What is wrong, a sentence each that names the row; empty where nothing is. */
  findings: string[]
  rows: number
  /** Rows from before there was a chain, which nothing vouches for. */
  unchained: number
  /** Rows that were compared with what the log says of them. */
  heads: number
  checkpoint: AuditCheckpoint | null
  last: { seq: number; hash: string } | null
}

/** Says what of these rows, oldest first, is not as the hub wrote them. */
export async function checkRows(
  rows: AsyncIterable<AuditRow> | Iterable<AuditRow>,
  checkpoint: AuditCheckpoint | null,
  { heads = [], secrets }: { secrets: readonly string[]; heads?: readonly SignedHead[] },
): Promise<Verification> {
  const { isSigned } = createHeads(secrets)
  const signed = heads.filter(isSigned)
  const hashes = new Map(signed.map(({ hash, seq }) => [seq, hash]))
  const findings = heads
    .filter((head) => !signed.includes(head))
    .map(({ seq }) => `The head of row ${seq} is not signed by this hub's SESSION_SECRET.`)
  const result: Verification = {
    findings,
    rows: 0,
    unchained: 0,
    heads: 0,
    checkpoint,
    last: null,
  }
  let isVouchedFor = checkpoint === null
  let previous: { seq: number; hash: string } | null = checkpoint
  for await (const row of rows) {
    result.rows += 1
    if (row.hash === null || row.previousHash === null) {
      if (result.last !== null || (checkpoint !== null && checkpoint.hash !== chainStart)) {
        findings.push(`${nameRow(row)} is not chained, though rows before it are.`)
      } else result.unchained += 1
      // It is no link, but a number.
      previous = { seq: row.seq, hash: previous?.hash ?? chainStart }
      continue
    }
    const isFirst = result.last === null
    findings.push(...checkLink(row, previous, isFirst && result.unchained > 0))
    if (row.hash !== hashRow(row, row.previousHash)) {
      findings.push(`${nameRow(row)} was changed: its hash does not match its content.`)
    }
    const logged = hashes.get(row.seq)
    if (logged !== undefined) {
      hashes.delete(row.seq)
      result.heads += 1
      if (logged !== row.hash) {
        findings.push(`${nameRow(row)} is not the one that the log has: it was replaced.`)
      }
    }
    isVouchedFor ||=
      row.action === 'audit.retention' &&
      row.target?.['seq'] === checkpoint?.seq &&
      row.target?.['hash'] === checkpoint?.hash
    previous = { seq: row.seq, hash: row.hash }
    result.last = previous
  }
  const missing = [...hashes.keys()].filter((seq) => seq > (checkpoint?.seq ?? 0))
  findings.push(...describeMissing(missing, previous?.seq ?? 0))
  if (!isVouchedFor) {
    findings.push(
      `The checkpoint says that retention removed the rows up to ${checkpoint?.seq}, but no row does.`,
    )
  }
  if (heads.length > 0 && result.heads === 0 && findings.length === 0) {
    findings.push(
      `Every head is from before row ${checkpoint?.seq}, up to which the retention removed rows: give a newer one.`,
    )
  }
  return result
}

function checkLink(
  row: AuditRow,
  previous: { seq: number; hash: string } | null,
  isAfterUnchained: boolean,
): string[] {
  const { seq } = row
  // Rows without a chain may have gaps between their numbers.
  const expected = previous === null ? 1 : previous.seq + 1
  const isGap = seq > expected && !isAfterUnchained
  const isFollowing = row.previousHash === (previous?.hash ?? chainStart)
  if (isGap) {
    const rows = seq - 1 === expected ? `Row ${expected} is` : `Rows ${expected} to ${seq - 1} are`
    return [`${rows} missing: ${previous === null ? 'no checkpoint says why' : 'removed'}.`]
  }
  if (isFollowing) return []
  return [
    previous === null
      ? `${nameRow(row)} does not begin the chain: rows before it are missing.`
      : `${nameRow(row)} does not follow row ${previous.seq}: one of the two was replaced or moved.`,
  ]
}

function describeMissing(missing: readonly number[], last: number): string[] {
  const cutOff = missing.filter((seq) => seq > last)
  const replaced = missing.filter((seq) => seq <= last)
  return [
    ...replaced.map((seq) => `Row ${seq} is not there, but the log has it.`),
    ...(cutOff.length === 0
      ? []
      : [
          `The end is cut off: the last row is ${last}, and the log has row ${cutOff.reduce((one, other) => Math.max(one, other))}.`,
        ]),
  ]
}

function nameRow({ action, occurredAt, seq }: AuditRow): string {
  return `Row ${seq} (${action}, ${occurredAt.toISOString()})`
}
