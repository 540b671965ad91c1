import { createHmac, timingSafeEqual } from 'node:crypto'
import { deriveKeys } from '#config'
import type { Logger } from '#log'

/** The last row as the hub's log has it, signed with a key that the database does not hold. */
export type SignedHead = { seq: number; hash: string; hmac: string }

/**
 * A logger whose lines of audit rows are signed, so that rows cut off from the end of the database show. Loggers made
 * from it sign too. The first secret signs.
 */
export function signAuditLines(log: Logger, secrets: readonly string[]): Logger {
  const [key] = deriveKeys(secrets, 'audit-head')
  const sign = (row: { seq: number; hash: string }) => ({ ...row, hmac: signHead(key!, row) })
  return log.child({}, { serializers: { audit: sign } })
}

export function createHeads(secrets: readonly string[]) {
  const keys = deriveKeys(secrets, 'audit-head')
  return {
    sign: (head: { seq: number; hash: string }) => signHead(keys[0]!, head),
    /** Whether one of the secrets signed it. */
    isSigned: (head: SignedHead) =>
      keys.some((key) => isSame(Buffer.from(signHead(key, head)), Buffer.from(head.hmac))),
  }
}

/** Reads `<seq>:<hash>:<hmac>`; null for anything else. */
export function parseHead(text: string): SignedHead | null {
  const match = /^([0-9]{1,15}):([0-9a-f]{64}):([0-9a-f]{64})$/.exec(text)
  return match && { seq: Number(match[1]), hash: match[2]!, hmac: match[3]! }
}

/** The head in one line of the hub's log, whatever stands before its JSON; null where it is none of an audit row. */
export function readHead(line: string): SignedHead | null {
  if (!line.includes('"audit"')) return null
  try {
    const { audit } = JSON.parse(line.slice(line.indexOf('{'))) as { audit?: Partial<SignedHead> }
    return audit ? parseHead(`${audit.seq}:${audit.hash}:${audit.hmac}`) : null
  } catch {
    return null
  }
}

function signHead(key: Uint8Array, { hash, seq }: { seq: number; hash: string }): string {
  return createHmac('sha256', key).update(`${seq}:${hash}`).digest('hex')
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
