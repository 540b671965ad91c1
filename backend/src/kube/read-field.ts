import type { NamedPem } from './client-certificate.ts'
import type { ReadReferencedFile } from './kubeconfig-policy.ts'
import { howToMake, Refusal } from './refusal.ts'

const namesMax = 20

/** As kubectl does: inline data wins over the file beside it, which is then not opened. */
export function readPem(
  entry: Record<string, unknown>,
  name: string,
  owner: string,
  readFile: ReadReferencedFile,
): NamedPem | null {
  const field = `${name}-data`
  const value = readText(entry, field, owner)
  if (value === null) {
    const path = readText(entry, name, owner)
    return path === null ? null : { pem: readFile(path, name), field: name }
  }
  refuseMasked(value, field)
  const base64 = value.replaceAll(/\s/g, '')
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new Refusal(`"${field}" is not base64.`, howToMake)
  }
  return { pem: Buffer.from(base64, 'base64').toString('latin1'), field }
}

export function readText(
  entry: Record<string, unknown>,
  field: string,
  owner: string,
): string | null {
  if (!isSet(entry, field)) return null
  const value = entry[field]
  if (typeof value === 'string') return value
  throw new Refusal(`The ${owner}'s "${field}" is not text.`, `Put its value in quotes.`)
}

/** As kubectl reads it: null and the empty string are the same as nothing. */
export function isSet(entry: Record<string, unknown>, field: string): boolean {
  const value = entry[field]
  return value !== undefined && value !== null && value !== ''
}

export function listNames(all: readonly string[]): string {
  const more = all.length > namesMax ? ' and more' : ''
  return all.slice(0, namesMax).map(shorten).join(', ') + more
}

/** Names come from the file and go to a person's screen. */
export function shorten(name: string): string {
  const plain = name.replaceAll(/\p{C}/gu, '')
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain
}

/** What kubectl and others write in place of a secret: some of it is a token, and some base64. */
const masked =
  /^[<[({*]*\s*(data\+omitted|redacted|omitted|removed|masked|hidden|sensitive|[*x]{3,})\s*[>\])}*]*$/i

export function refuseMasked(value: string, field: string): void {
  if (!masked.test(value.trim())) return
  throw new Refusal(
    `"${field}" is masked: the kubeconfig was written without its secrets.`,
    'Write it again and add "--raw": "kubectl config view --minify --flatten --raw".',
  )
}
