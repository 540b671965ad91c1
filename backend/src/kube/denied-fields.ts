import { toPointer, type FieldError } from '@hub/shared'
import type { ClusterError } from './cluster-error.ts'

/** The words of Kubernetes' field errors, by which webhooks of controller-runtime speak too. */
const types =
  'Required value|Invalid value|Unsupported value|Duplicate value|Forbidden|Not found|Too long|Too many|Internal error'
const start = String.raw`((?:spec|metadata)(?:[.[][^\s:]*)?): (?=(?:${types})\b)`
const began = new RegExp(`(?:^|[[ ])${start}`, 'g')

/** Fields that the words of a webhook's denial name: `spec.a: Invalid value: "b": why`, or several between brackets. */
export function deniedFields({
  kind,
  message,
}: Pick<ClusterError, 'kind' | 'message'>): FieldError[] {
  if (kind !== 'admission') return []
  const [, said = ''] = /denied the request: (.*)$/s.exec(message) ?? []
  const list = said.startsWith('[') && said.endsWith(']') ? said.slice(1, -1) : said
  const found = [...list.matchAll(began)]
  return found.map((match, index) => {
    const from = match.index + match[0].length
    const to = found[index + 1]?.index ?? list.length
    return { pointer: fieldToPointer(match[1]!), detail: list.slice(from, to).replace(/,\s*$/, '') }
  })
}

/** `spec.env[0].name` → `/spec/env/0/name`; `spec.engine.args[a.b]` → `/spec/engine/args/a.b`. */
export function fieldToPointer(field: string): string {
  const segments = [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(
    ([, key, name]) => key ?? name!,
  )
  return toPointer(segments)
}
