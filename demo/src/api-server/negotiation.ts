import { ApiError } from './status.ts'

/** How an object or list is shown: whole, as kubectl's table, or its metadata alone. */
export type Representation = 'object' | 'table' | 'metadata'

export type Negotiated = {
  representation: Representation
  mediaType: 'application/json' | 'application/yaml'
}

/** The first entry of Accept that this server can give; 406 when there is none. */
export function negotiate(accept: string | undefined): Negotiated {
  for (const entry of (accept || '*/*').split(',')) {
    const [type, ...parameters] = entry.trim().toLowerCase().split(';')
    const mediaType = type!.trim() === 'application/yaml' ? 'application/yaml' : 'application/json'
    if (!['*/*', 'application/*', 'application/json', 'application/yaml'].includes(type!.trim()))
      continue
    const options = new Map(
      parameters.map((parameter) => parameter.trim().split('=') as [string, string]),
    )
    const representation = toRepresentation(options)
    if (representation) return { representation, mediaType }
  }
  throw new ApiError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  )
}

function toRepresentation(options: ReadonlyMap<string, string>): Representation | undefined {
  const as = options.get('as')
  if (as === undefined) return 'object'
  if (options.get('g') !== 'meta.k8s.io' || options.get('v') !== 'v1') return undefined
  if (as === 'table') return 'table'
  return as === 'partialobjectmetadata' || as === 'partialobjectmetadatalist'
    ? 'metadata'
    : undefined
}
