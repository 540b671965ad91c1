/** What a request asks for, in the words that authorization and the handlers use. */
export type RequestInfo = {
  path: string
  query: URLSearchParams
  verb: string
} & (
  | { isResource: false }
  | {
      isResource: true
      group: string
      version: string
      namespace: string
      plural: string
      name: string
      subresource: string
    }
)

export type ResourceRequest = Extract<RequestInfo, { isResource: true }>

const namespaceSubresources = new Set(['status', 'finalize'])
const verbByMethod: Record<string, string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

export function parseRequest(method: string, url: string): RequestInfo {
  const parsed = new URL(url, 'https://api-server')
  const path = parsed.pathname
  const query = parsed.searchParams
  const verb = verbByMethod[method] ?? method.toLowerCase()
  const parts = path.split('/').slice(1).map(decode)

  let group: string
  let version: string
  let rest: string[]
  if (parts[0] === 'api' && parts.length > 2) {
    group = ''
    version = parts[1]!
    rest = parts.slice(2)
  } else if (parts[0] === 'apis' && parts.length > 3) {
    group = parts[1]!
    version = parts[2]!
    rest = parts.slice(3)
  } else {
    return { path, query, verb, isResource: false }
  }

  let namespace = ''
  // `namespaces/x` and `namespaces/x/status` are the namespace itself: it lies in itself.
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!
    if (rest.length > 2 && !namespaceSubresources.has(rest[2]!)) rest = rest.slice(2)
  }
  const [plural = '', name = '', subresource = ''] = rest
  const collectionVerb = name === '' ? toCollectionVerb(verb, query) : verb
  return {
    path,
    query,
    verb: collectionVerb,
    isResource: true,
    group,
    version,
    namespace,
    plural,
    name: name === '' && isReading(collectionVerb) ? selectedName(query) : name,
    subresource,
  }
}

function toCollectionVerb(verb: string, query: URLSearchParams): string {
  if (verb === 'delete') return 'deletecollection'
  if (verb !== 'get') return verb
  return isTrue(query.get('watch')) ? 'watch' : 'list'
}

/** Kubernetes reads a boolean parameter as true unless it is absent, `false` or `0`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0'
}

function isReading(verb: string): boolean {
  return verb === 'list' || verb === 'watch'
}

/** A list of one name counts as a request for that name, so that resourceNames rules cover it. */
function selectedName(query: URLSearchParams): string {
  return /^metadata\.name==?([^,=!]+)$/.exec(query.get('fieldSelector') ?? '')?.[1] ?? ''
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
