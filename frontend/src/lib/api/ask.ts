import { mayRead } from './first-reads.ts'
import type { HttpAnswer } from './problem.ts'

export interface Asked {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  query?: Readonly<Record<string, string | undefined>>
  headers?: Readonly<Record<string, string | undefined>>
  json?: unknown
  signal?: AbortSignal
}

/** Asks an address by its segments; what comes back is what the contract in `shared` promises of it. */
export async function ask<Body>(
  segments: readonly string[],
  { headers, json, method = 'GET', query, signal }: Asked = {},
): Promise<HttpAnswer & Pick<Response, 'body' | 'headers'> & { json: () => Promise<Body> }> {
  const search = new URLSearchParams(defined(query)).toString()
  const path = `/api/${segments.map(encodeURIComponent).join('/')}`
  const address = search === '' ? path : `${path}?${search}`
  await mayRead(address, method)
  return await fetch(address, {
    method,
    headers: { ...defined(headers), ...(json !== undefined && jsonType) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(signal && { signal }),
  })
}

const jsonType = { 'content-type': 'application/json' }

function defined(fields: Asked['query'] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
