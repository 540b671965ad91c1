import { hkdfSync } from 'node:crypto'

export type KeyPurpose =
  | 'session'
  | 'login'
  | 'at-rest'
  | 'audit-head'
  | 'activity'
  | 'idempotency'
  | 'history'
  | 'confirmations'
  | 'sign-in-link'
  | 'sign-in-trial'

/**
 * One key per purpose and secret (HKDF-SHA256, RFC 5869), so that no key is used twice and the secret itself never.
 * The first belongs to the secret that signs now.
 */
export function deriveKeys(secrets: readonly string[], purpose: KeyPurpose): Uint8Array[] {
  return secrets.map(
    (secret) => new Uint8Array(hkdfSync('sha256', secret, '', `hub/${purpose}/v1`, 32)),
  )
}
