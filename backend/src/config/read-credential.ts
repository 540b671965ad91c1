import { parseAssertion, parseClientKey, type ClientKey, type Parsed } from './client-key.ts'
import { readNamedFile, type Source } from './read-variables.ts'

/** By what the hub proves to a provider that it is its client. Files are read again at each use. */
export type ClientCredential =
  | { type: 'secret'; secret: string }
  /** A private key, or the assertions that a platform gives and renews. */
  | { type: 'key' | 'assertion'; variable: string; path: string }

type Given = {
  secret: string | null
  /** Paths. */
  key: string | null
  assertion: string | null
}

/** The one that is given; null where none is. `findFault` says what else is wrong with a key. */
export function readCredential(
  source: Source,
  given: Given,
  {
    findFault,
    names,
  }: {
    names: Record<keyof Given, string>
    findFault?: (key: ClientKey) => string | null
  },
): ClientCredential | null {
  const { assertion, key, secret } = given
  const set = (['secret', 'key', 'assertion'] as const).filter((each) => given[each] !== null)
  if (set.length > 1) {
    const listed = set.map((each) => names[each]).join(' and ')
    source.mistakes.push(
      `${listed} are set together, but the hub proves who it is in one way; unset all but one of them.`,
    )
    return null
  }
  if (secret !== null) return { type: 'secret', secret }
  const path = key ?? assertion
  if (path === null) return null
  const type = key === null ? 'assertion' : 'key'
  const credential = { type, variable: names[type], path } as const
  checkCredential(source, credential, findFault)
  return credential
}

/** Whether its file is as it has to be, as long as nobody changes it. */
export function checkCredential(
  source: Source,
  credential: ClientCredential,
  findFault: (key: ClientKey) => string | null = () => null,
): void {
  if (credential.type === 'secret') return
  const { path, type, variable } = credential
  const text = readNamedFile(variable, path, source)
  if (text === undefined) return
  const fault = type === 'key' ? faultOfKey(text, findFault) : faultOf(parseAssertion(text))
  if (fault !== null) source.mistakes.push(`${variable} names ${path}, which ${fault}.`)
}

function faultOfKey(text: string, findFault: (key: ClientKey) => string | null): string | null {
  const parsed = parseClientKey(text)
  return 'value' in parsed ? findFault(parsed.value) : parsed.fault
}

function faultOf(parsed: Parsed<unknown>): string | null {
  return 'fault' in parsed ? parsed.fault : null
}
