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

/** Those that the hub knows and that have a key, and those that `GATEWAY_PROVIDERS` adds. */
export function readOutsideProviders(source: Source, others: string): OutsideProviderConfig[] {
  return [...readKnown(source), ...readOthers(source, others)]
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
    return [{ id, apiKey, scheme, tellsUsage, url: readAddress(url, names.url, source) }]
  })
}

function readAddress(url: string | null, name: string, { mistakes }: Source): string {
  if (url === null) {
    mistakes.push(`${name} is missing: where that provider is differs from one to the next.`)
    return ''
  }
  if (!parseSafeUrl(url)) {
    mistakes.push(
      `${name} must be an https address without a query, such as https://api.example.com/v1; the hub's key is sent there.`,
    )
  }
  return withoutSlash(url)
}

/** `<id>;<address>`, with `;x-api-key` after it where the key goes into that header, comma-separated. */
function readOthers(source: Source, value: string): OutsideProviderConfig[] {
  const show = hidePasswordsOf(value)
  const found = new Map<string, OutsideProviderConfig>()
  for (const entry of readList(value)) {
    const [id = '', url = '', header, ...more] = entry.split(';').map((part) => part.trim())
    const isWhole = url !== '' && more.length === 0 && (header ?? 'x-api-key') === 'x-api-key'
    const fault = isWhole ? findFault(id, url, found) : 'is not whole'
    if (fault !== null) {
      source.mistakes.push(
        `GATEWAY_PROVIDERS has the entry "${show(entry)}", which ${fault}; write <id>;<address>, such as ${example}, with ";x-api-key" after it where the key goes into that header.`,
      )
      continue
    }
    const scheme = header === undefined ? 'bearer' : header
    found.set(id, {
      id,
      url: withoutSlash(url),
      apiKey: readKey(source, id),
      scheme: scheme as OutsideProviderConfig['scheme'],
      tellsUsage: false,
    })
  }
  return [...found.values()]
}

function findFault(id: string, url: string, found: ReadonlyMap<string, unknown>): string | null {
  if (!label.test(id)) {
    return 'does not begin with an id of small letters, digits and dashes, at most 63'
  }
  if (id in outsideProviders) {
    const { key, url: address } = nameVariables(id)
    return `names a provider that the hub knows: set ${key}, and ${address} where it is elsewhere`
  }
  if (found.has(id)) return 'has an id that stands there twice'
  return parseSafeUrl(url) ? null : 'has no https address without a query'
}

function readKey(source: Source, id: string): string | null {
  const { key } = nameVariables(id)
  const variable: Variable = {
    default: null,
    unset: 'none',
    secret: true,
    purpose: `the hub's API key for the provider \`${id}\``,
    parse: parseHeaderText,
  }
  return readVariables({ [key]: variable }, source)[key] as string | null
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
