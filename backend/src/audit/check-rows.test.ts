import { describe, expect, test } from 'vitest'
import { chainStart, hashRow } from './chain.ts'
import { checkRows } from './check-rows.ts'
import type { AuditRow } from './rows.ts'
import { createHeads, type SignedHead } from './signed-head.ts'

const secrets = ['a secret of thirty-two characters!']
const { sign } = createHeads(secrets)
const at = new Date('2026-01-01T00:00:00.123Z')

const content = (seq: number): AuditRow => ({
  seq,
  occurredAt: at,
  actor: 'oidc:ada',
  userId: null,
  action: 'deployment.create',
  target: { namespace: 'ml' },
  before: null,
  after: null,
  outcome: 'success',
  reason: null,
  requestId: 'r',
  ip: null,
  clusterAuditId: null,
  via: null,
  previousHash: null,
  hash: null,
})

/** Rows of these numbers, each on the one before, with what is changed of their contents before they are chained. */
function chain(seqs: number[], from = chainStart, changes: Record<number, Partial<AuditRow>> = {}) {
  let previousHash = from
  return seqs.map((seq) => {
    const row = { ...content(seq), ...changes[seq], previousHash }
    previousHash = hashRow(row, previousHash)
    return { ...row, hash: previousHash }
  })
}

const headOf = ({ hash, seq }: AuditRow): SignedHead => ({
  seq,
  hash: hash!,
  hmac: sign({ seq, hash: hash! }),
})
const findingsOf = async (rows: AuditRow[], heads: SignedHead[] = []) =>
  (await checkRows(rows, null, { secrets, heads })).findings
const name = (seq: number) => `Row ${seq} (deployment.create, 2026-01-01T00:00:00.123Z)`

describe('a chain', () => {
  test('without a fault is told in numbers', async () => {
    const rows = chain([1, 2, 3])
    expect(await checkRows(rows, null, { secrets, heads: rows.slice(1).map(headOf) })).toEqual({
      findings: [],
      rows: 3,
      unchained: 0,
      heads: 2,
      checkpoint: null,
      last: { seq: 3, hash: rows[2]!.hash },
    })
    expect(await checkRows([], null, { secrets })).toMatchObject({ findings: [], last: null })
  })

  test('names the row whose content is another', async () => {
    const rows = chain([1, 2, 3])
    rows[1] = { ...rows[1]!, actor: 'oidc:mallory' }
    expect(await findingsOf(rows)).toEqual([
      `${name(2)} was changed: its hash does not match its content.`,
    ])
  })

  test('names the row that follows on another', async () => {
    const rows = chain([1, 2, 3])
    const [other] = chain([2], rows[0]!.hash, { 2: { actor: 'oidc:mallory' } })
    expect(await findingsOf([rows[0]!, other!, rows[2]!])).toEqual([
      `${name(3)} does not follow row 2: one of the two was replaced or moved.`,
    ])
  })

  test('names the rows that are missing, one or several, and from where', async () => {
    const rows = chain([1, 2, 3, 4, 5, 6])
    const without = (...gone: number[]) => rows.filter(({ seq }) => !gone.includes(seq))
    expect(await findingsOf(without(3))).toEqual(['Row 3 is missing: removed.'])
    expect(await findingsOf(without(3, 4))).toEqual(['Rows 3 to 4 are missing: removed.'])
    expect(await findingsOf(without(1))).toEqual(['Row 1 is missing: no checkpoint says why.'])
    expect(await findingsOf(without(1, 2, 3))).toEqual([
      'Rows 1 to 3 are missing: no checkpoint says why.',
    ])
  })

  test('that begins with another row begins nowhere', async () => {
    expect(await findingsOf(chain([1, 2], 'f'.repeat(64)))).toEqual([
      `${name(1)} does not begin the chain: rows before it are missing.`,
    ])
  })
})

describe('rows without a hash', () => {
  test('count before the first that has one, whatever their numbers', async () => {
    const rows = [content(2), content(7), ...chain([9, 10])]
    expect(await checkRows(rows, null, { secrets })).toMatchObject({
      findings: [],
      unchained: 2,
      rows: 4,
      last: { seq: 10 },
    })
  })

  test('excuse one gap, and no other chain than one that begins', async () => {
    const [nine, ten, eleven] = chain([9, 10, 11])
    expect(await findingsOf([content(2), nine!, eleven!])).toEqual(['Row 10 is missing: removed.'])
    expect(await findingsOf([content(2), ten!])).toEqual([
      `${name(10)} does not follow row 2: one of the two was replaced or moved.`,
    ])
  })

  test.each([{ hash: null }, { previousHash: null }, { hash: null, previousHash: null }])(
    'are none among those that have: %j',
    async (bare) => {
      const rows = chain([1, 2, 3])
      const findings = await findingsOf([rows[0]!, { ...rows[1]!, ...bare }, rows[2]!])
      expect(findings).toEqual([
        `${name(2)} is not chained, though rows before it are.`,
        `${name(3)} does not follow row 2: one of the two was replaced or moved.`,
      ])
    },
  )
})

test('a row without a hash is no link: the next may follow on the one before it', async () => {
  const rows = chain([1, 3])
  expect(await findingsOf([rows[0]!, content(2), rows[1]!])).toEqual([
    `${name(2)} is not chained, though rows before it are.`,
  ])
})

describe('a signed head', () => {
  test('shows a row whose hash was taken away, though its number is there', async () => {
    const heads = chain([1]).map(headOf)
    expect(await findingsOf([content(1)], heads)).toEqual([
      'Row 1 is not there, but the log has it.',
    ])
  })

  test('of another secret is refused, and looked at no further', async () => {
    const rows = chain([1, 2])
    const forged = { ...headOf(rows[1]!), hmac: headOf(rows[0]!).hmac }
    expect(await checkRows(rows, null, { secrets, heads: [forged] })).toMatchObject({
      findings: ["The head of row 2 is not signed by this hub's SESSION_SECRET."],
      heads: 0,
    })
  })

  test('shows a chain that was written anew', async () => {
    const heads = chain([1, 2]).map(headOf)
    const anew = chain([1, 2], chainStart, { 2: { actor: 'oidc:mallory' } })
    expect(await checkRows(anew, null, { secrets, heads })).toMatchObject({
      findings: [`${name(2)} is not the one that the log has: it was replaced.`],
      heads: 2,
    })
  })

  test('shows an end that is cut off, by the newest, and a row that is gone', async () => {
    const rows = chain([1, 2, 3, 4, 5])
    const heads = [3, 5, 4].map((seq) => headOf(rows[seq - 1]!))
    expect(await findingsOf(rows.slice(0, 2), heads)).toEqual([
      'The end is cut off: the last row is 2, and the log has row 5.',
    ])
    expect(await findingsOf([rows[0]!, rows[1]!, rows[3]!, rows[4]!], heads)).toEqual([
      'Row 3 is missing: removed.',
      'Row 3 is not there, but the log has it.',
    ])
    expect(await findingsOf([], heads.slice(0, 1))).toEqual([
      'The end is cut off: the last row is 0, and the log has row 3.',
    ])
  })
})

describe('a checkpoint', () => {
  const rows = chain([1, 2, 3])
  const checkpoint = { seq: 2, hash: rows[1]!.hash, removedAt: at }
  const told = (target: AuditRow['target'], action = 'audit.retention') =>
    chain([3, 4], checkpoint.hash, { 4: { action, target } })
  const check = (kept: AuditRow[], heads: SignedHead[] = []) =>
    checkRows(kept, checkpoint, { secrets, heads })
  const unvouched = 'The checkpoint says that retention removed the rows up to 2, but no row does.'

  test('is where the chain begins, once a row says so', async () => {
    const { hash, seq } = checkpoint
    expect(await check(told({ seq, hash }))).toMatchObject({ findings: [], checkpoint })
    for (const kept of [
      told({ seq: 1, hash }),
      told({ seq, hash: chainStart }),
      told({ seq, hash }, 'deployment.create'),
      told(null),
      [],
    ]) {
      expect((await check(kept)).findings).toEqual([unvouched])
    }
  })

  test('excuses no row that is missing after it, and none from elsewhere', async () => {
    const { hash, seq } = checkpoint
    const [, four] = told({ seq, hash })
    expect((await check([four!])).findings).toEqual(['Row 3 is missing: removed.'])
    const [other] = chain([3], 'f'.repeat(64))
    expect((await check([other!])).findings).toEqual([
      `${name(3)} does not follow row 2: one of the two was replaced or moved.`,
      unvouched,
    ])
  })

  test('lets no row without a hash follow on a chain, but on what was before any', async () => {
    const { hash, seq } = checkpoint
    const [three, four] = told({ seq, hash })
    const { findings, unchained } = await check([{ ...three!, hash: null }, four!])
    expect(findings[0]).toBe(`${name(3)} is not chained, though rows before it are.`)
    expect(unchained).toBe(0)
    const old = { seq: 2, hash: chainStart, removedAt: at }
    const kept = [content(5), ...chain([6], chainStart, { 6: vouching(old) })]
    expect(await checkRows(kept, old, { secrets })).toMatchObject({ findings: [], unchained: 1 })
  })

  test('makes a head of what was removed say nothing: another is asked for', async () => {
    const { hash, seq } = checkpoint
    const kept = told({ seq, hash })
    const [first, second] = rows
    expect((await check(kept, [headOf(first!), headOf(second!)])).findings).toEqual([
      'Every head is from before row 2, up to which the retention removed rows: give a newer one.',
    ])
    expect((await check(kept, [headOf(first!), headOf(kept[1]!)])).findings).toEqual([])
    expect((await check([kept[1]!], [headOf(first!)])).findings).toEqual([
      'Row 3 is missing: removed.',
    ])
  })
})

function vouching({ hash, seq }: { hash: string; seq: number }): Partial<AuditRow> {
  return { action: 'audit.retention', target: { seq, hash } }
}
