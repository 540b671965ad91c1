import type { SecureVersion } from 'node:tls'
import { readChoice } from './read-choice.ts'

/** How a connection is secured, as libpq's `ssl…` parameters say (PostgreSQL 18 §32.19). */
export type PostgresTls = {
  /** `prefer` takes a server without TLS. */
  use: 'never' | 'prefer' | 'require'
  /** What of the server's certificate is checked. */
  verify: 'nothing' | 'authority' | 'authority and name'
  /** PEM; `system` for the authorities of the operating system; null for Node's, with NODE_EXTRA_CA_CERTS. */
  ca: string | null
  crl: string | null
  cert: string | null
  key: string | null
  passphrase: string | null
  hasSni: boolean
  /** Without asking the server first. */
  isDirect: boolean
  minVersion: SecureVersion
  maxVersion: SecureVersion
}

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

export function readSslParameters(
  take: (name: string) => string | undefined,
  refuse: (sentence: string) => void,
  readFile: (path: string) => string,
): PostgresTls {
  const choose = <Choice extends string>(name: string, choices: readonly Choice[]) =>
    readChoice(name, take(name), choices, refuse)
  const readPem = (name: string, path: string | undefined): string | null => {
    if (path === undefined || path === '') return null
    try {
      return readFile(path)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
      refuse(
        `${name} names a file that cannot be read${code}; correct the path or its permissions.`,
      )
      return null
    }
  }

  const rootCert = take('sslrootcert')
  // JDBC's word for it, which libpq takes too.
  const ssl = choose('ssl', ['true', 'false'])
  const fallback =
    rootCert === 'system'
      ? 'verify-full'
      : ssl === 'true'
        ? 'require'
        : ssl === 'false'
          ? 'disable'
          : 'prefer'
  const mode = choose('sslmode', modes) ?? fallback
  if (mode === 'allow') {
    refuse('sslmode=allow cannot be honoured; write prefer, or better require or verify-full.')
  }
  if (rootCert === 'system' && mode !== 'verify-full') {
    refuse('sslrootcert=system needs sslmode=verify-full: anybody gets a certificate there.')
  }
  const isDirect = choose('sslnegotiation', ['postgres', 'direct']) === 'direct'
  if (isDirect && (mode === 'disable' || mode === 'prefer')) {
    refuse('sslnegotiation=direct needs sslmode=require, verify-ca or verify-full.')
  }
  const cert = readPem('sslcert', take('sslcert'))
  const key = readPem('sslkey', take('sslkey'))
  if ((cert === null) !== (key === null)) refuse('sslcert and sslkey belong together; write both.')
  refuseOthers(take, refuse)
  return {
    use: mode === 'disable' ? 'never' : mode === 'prefer' ? 'prefer' : 'require',
    verify:
      mode === 'verify-full'
        ? 'authority and name'
        : // As libpq: who names an authority wants it checked.
          mode === 'verify-ca' || (mode === 'require' && rootCert)
          ? 'authority'
          : 'nothing',
    ca: rootCert === 'system' ? 'system' : readPem('sslrootcert', rootCert),
    crl: readPem('sslcrl', take('sslcrl')),
    cert,
    key,
    passphrase: take('sslpassword') || null,
    hasSni: choose('sslsni', ['0', '1']) !== '0',
    isDirect,
    minVersion: choose('ssl_min_protocol_version', versions) ?? 'TLSv1.2',
    maxVersion: choose('ssl_max_protocol_version', versions) ?? 'TLSv1.3',
  }
}

/** Those of which one answer alone can be had. */
function refuseOthers(
  take: (name: string) => string | undefined,
  refuse: (sentence: string) => void,
): void {
  const only = (name: string, accepted: readonly string[], wayOut: string) => {
    const value = take(name)
    if (value !== undefined && value !== '' && !accepted.includes(value)) {
      refuse(`${name} cannot be honoured; ${wayOut}`)
    }
  }
  only(
    'channel_binding',
    ['disable', 'prefer'],
    'leave channel_binding out, and write sslmode=verify-full, which shows as well who the server is (with sslrootcert=system where its certificate is a public one).',
  )
  only('gssencmode', ['disable', 'prefer'], 'leave gssencmode out, and write sslmode=verify-full.')
  only('sslcompression', ['0'], 'leave it out: TLS compression is unsafe.')
  only('sslcertmode', ['allow'], 'leave it out: a certificate is sent where sslcert names one.')
  only('sslcrldir', [], 'write the one list as sslcrl.')
  only('sslkeylogfile', [], 'leave it out: the hub writes down no keys.')
}
