import { kubePath, type KubePath } from '#kube'

/** A port of a Service, by number or name; `https` where what listens there speaks it. */
export type ServicePort = { service: string; port: number | string; scheme?: 'http' | 'https' }

/**
 * Where the API server forwards to a Service. Throws a TypeError where its name or port is none: a colon would make
 * another one of them.
 */
export function servicePath(
  namespace: string,
  { port, scheme = 'http', service }: ServicePort,
  segments: readonly [string, ...string[]],
): KubePath {
  for (const part of [service, String(port)]) {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(part)) {
      throw new TypeError(`${JSON.stringify(part)} names no Service or port`)
    }
  }
  const target = `${scheme}:${service}:${port}`
  return kubePath('api', 'v1', 'namespaces', namespace, 'services', target, 'proxy', ...segments)
}
