import { readList } from './read-list.ts'
import type { Reading } from './variable.ts'

export const defaultSessionSecret = 'dev-secret-change-in-production'

const secretLengthMin = 32
/** What documentation and manifests write where a secret belongs. */
const placeholder =
  /change[-_ ]?(me|this|in)|replace[-_ ]?(me|this|with)|your[-_ ]|placeholder|example/i

export function parseSessionSecrets(text: string, reading: Reading): [string, ...string[]] {
  const [first = defaultSessionSecret, ...rest] = readList(text)
  // In local mode nobody signs in.
  const warnings = reading.mode.isLocal ? [] : reading.warnings
  refuseWeakSecret([first, ...rest], { ...reading, warnings })
  return [first, ...rest]
}

export function parseSecrets(text: string, reading: Reading): string[] {
  const secrets = readList(text)
  refuseWeakSecret(secrets, reading)
  return secrets
}

function refuseWeakSecret(
  secrets: readonly string[],
  { mistakes, mode, name, warnings }: Reading,
): void {
  const weak = secrets.find(
    (secret) =>
      placeholder.test(secret) || secret.length < secretLengthMin || new Set(secret).size < 8,
  )
  if (weak !== undefined) {
    const isPublic = weak === defaultSessionSecret
    const isPlaceholder = placeholder.test(weak)
    const fault = isPublic
      ? 'is the public default'
      : isPlaceholder
        ? 'is a placeholder'
        : 'is too weak'
    const parts = secrets.length > 1 ? ' (a comma separates secrets, and each of them counts)' : ''
    const fix = `set it to at least ${secretLengthMin} random characters, for example from: openssl rand -hex 32${parts}`
    if (mode.production) mistakes.push(`${name} ${fault}; ${fix}.`)
    else warnings.push(`${name} ${fault}, which is accepted in development only; ${fix}.`)
  }
}

// What documentation says instead of a value: it was copied and not filled in.
const unfilled = /^(?:your[-_ ].*|<.*>|\.\.\.|x{3,}|change[-_ ]?me|replace[-_ ]?me|todo)$/i

/** What an identity provider gave. */
export function parseGiven(text: string, { mistakes, mode, name, warnings }: Reading): string {
  if (!unfilled.test(text)) return text
  const sentence = `${name} still has its placeholder from the documentation; write what the identity provider gave you.`
  if (mode.production) mistakes.push(sentence)
  else warnings.push(sentence)
  return text
}
