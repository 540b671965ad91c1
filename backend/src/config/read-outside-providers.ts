import { hidePasswordsOf } from './hide-password.ts'
import { nameVariables, outsideProviders, type OutsideProviderConfig } from './outside-providers.ts'
import { parseHeaderText } from './parsers.ts'
import { parseSafeUrl } from './plain-url.ts'
import { readList } from './read-list.ts'
import { findText, readVariables, type Source } from './read-variables.ts'
import type { Variable } from './variable.ts'
import { outsideVariables } from './variables/gateway.ts'

const example = 'GATEWAY_PROVIDERS=fireworks;https://api.fireworks.ai/inference/v1'
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const unsafeAddress =
  "must be an https address without a query, such as https://api.example.com/v1; the hub's key is sent there"

/** Those that the hub knows and that have a key, and those that `GATEWAY_PROVIDERS` adds. */
export function readOutsideProviders(source: Source, others: string): OutsideProviderConfig[] {
  return [...readKnown(source), ...readOthers(source, others)]
}

/** What is wrong with one that is added, in words that follow its id or its address; null where nothing is. */
export function findProviderFault({
  id,
  url,
}: Pick<OutsideProviderConfig, 'id' | 'url'>): { part: 'id' | 'url'; words: string } | null {
  if (!label.test(id)) {
    return { part: 'id', words: 'must be small letters, digits and dashes, at most 63' }
  }
  if (Object.hasOwn(outsideProviders, id)) {
    const { key, url: address } = nameVariables(id)
    const words = `is that of a provider that the hub knows: set ${key}, and ${address} where it is elsewhere`
    return { part: 'id', words }
  }
  return parseSafeUrl(url) ? null : { part: 'url', words: unsafeAddress }
}

/** One that is added, with the key that its variable says. */
export function readAddedProvider(
  source: Source,
  { id, scheme, url }: Pick<OutsideProviderConfig, 'id' | 'scheme' | 'url'>,
): OutsideProviderConfig {
  const { key } = nameVariables(id)
  const variable: Variable = {
    default: null,
    unset: 'none',
    secret: true,
    purpose: `the hub's API key for the provider \`${id}\``,
    parse: parseHeaderText,
  }
  const apiKey = readVariables({ [key]: variable }, source)[key] as string | null
  const address = withoutSlash(url)
  return { id, url: address, apiKey, keyName: key, scheme, tellsUsage: false, file: null }
}

function readKnown(source: Source): OutsideProviderConfig[] {
  const values: Record<string, unknown> = readVariables(outsideVariables, source)
  return Object.entries(outsideProviders).flatMap(([id, provider]) => {
    const names = nameVariables(id)
    const apiKey = values[names.key] as string | null
    const url = values[names.url] as string | null
    if (apiKey === null) {
      const given = findText(source.env, names.url)
      if (given !== undefined && given !== provider.url) {
        source.warnings.push(`${names.url} is set, but ${names.key} is not, so ${id} stays off.`)
      }
      return []
    }
    const tellsUsage = 'tellsUsage' in provider
    const { scheme } = provider
    const address = readAddress(url, names.url, source)
    return [{ id, url: address, apiKey, keyName: names.key, scheme, tellsUsage, file: null }]
  })
}

function readAddress(url: string | null, name: string, { mistakes }: Source): string {
  if (url === null) {
    mistakes.push(`${name} is missing: where that provider is differs from one to the next.`)
    return ''
  }
  if (!parseSafeUrl(url)) mistakes.push(`${name} ${unsafeAddress}.`)
  return withoutSlash(url)
}

/** `<id>;<address>`, with `;x-api-key` after it where the key goes into that header, comma-separated. */
function readOthers(source: Source, value: string): OutsideProviderConfig[] {
  const show = hidePasswordsOf(value)
  const found = new Map<string, OutsideProviderConfig>()
  for (const entry of readList(value)) {
    const [id = '', url = '', header, ...more] = entry.split(';').map((part) => part.trim())
    const isWhole = url !== '' && more.length === 0 && (header ?? 'x-api-key') === 'x-api-key'
    const fault = isWhole ? describeFault(id, url, found) : 'which is not whole'
    if (fault !== null) {
      source.mistakes.push(
        `GATEWAY_PROVIDERS has the entry "${show(entry)}", ${fault}. Write <id>;<address>, such as ${example}, with ";x-api-key" after it where the key goes into that header.`,
      )
      continue
    }
    const scheme = header === undefined ? 'bearer' : 'x-api-key'
    found.set(id, readAddedProvider(source, { id, url, scheme }))
  }
  return [...found.values()]
}

function describeFault(id: string, url: string, found: ReadonlyMap<string, unknown>) {
  if (found.has(id)) return 'whose id stands there twice'
  const fault = findProviderFault({ id, url })
  return fault && `whose ${fault.part === 'id' ? 'id' : 'address'} ${fault.words}`
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
