import { InstanceId } from '@hub/shared'
import { checkCredential, type ClientCredential } from './read-credential.ts'
import { readQuotedList } from './read-list.ts'
import type { AccessModes } from './read-access-modes.ts'
import type { Source } from './read-variables.ts'
import type { Reading } from './variable.ts'

/** With what the hub asks an issuer for a caller's token of a cluster (RFC 8693). */
export type ExchangeClient = { clientId: string; credential: ClientCredential }

/** By instance; `*` for the others. */
export type ExchangeClients = ReadonlyMap<string, ExchangeClient>

/** The entries hold secrets: what is wrong with one is said without it. */
export function parseExchangeClients(
  text: string,
  { mistakes, name: variable }: Reading,
): ExchangeClients {
  const clients = new Map<string, ExchangeClient>()
  const entries = readQuotedList(text)
  if (entries === null) mistakes.push(`${variable} has a quote that does not end.`)
  entries?.forEach(({ text: entry }, index) => {
    const parts = /(?<name>[^=]*)=(?<id>[^;]*);(?<secret>.*)/s.exec(entry)?.groups ?? {}
    const name = parts['name']?.trim() ?? ''
    const clientId = parts['id']?.trim() ?? ''
    const secret = parts['secret']?.trim() ?? ''
    const isNamed = name === '*' || InstanceId.safeParse(name).success
    if (!isNamed || clientId === '' || secret === '') {
      mistakes.push(
        `${variable} has an entry, the ${index + 1}. of them, that is no client; write <instance>=<client id>;<client secret>, with * for the other instances.`,
      )
    } else clients.set(name, { clientId, credential: readProof(secret, variable) })
  })
  return clients
}

/** What proves who the client is, or where the file is that does. */
function readProof(text: string, variable: string): ClientCredential {
  const { path = '', type } = /^(?<type>key|assertion)-file:(?<path>.+)/s.exec(text)?.groups ?? {}
  return type === 'key' || type === 'assertion'
    ? { type, variable, path: path.trim() }
    : { type: 'secret', secret: text }
}

export function requireExchangeClients(
  { fallback, instances }: AccessModes,
  clients: ExchangeClients,
  source: Source,
): void {
  for (const { credential } of clients.values()) checkCredential(source, credential)
  const named = [...instances].filter(([, { mode }]) => mode === 'exchange').map(([id]) => id)
  if (fallback.mode === 'exchange') named.push('*')
  for (const id of named) {
    if (clients.has(id) || clients.has('*')) continue
    source.mistakes.push(
      `HUB_ACCESS_MODES gives ${id} the mode exchange, and HUB_EXCHANGE_CLIENTS has no client for it; add ${id}=<client id>;<client secret>, a client of the cluster's issuer that may exchange tokens.`,
    )
  }
}
