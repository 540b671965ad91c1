import { readFile } from 'node:fs/promises'
import { readVersion, type PrometheusConfig } from '#config'
import {
  ClusterError,
  createAnonymousCredential,
  createHostRules,
  createTransport,
  kubePath,
  type AddressPolicy,
  type Passage,
  type PassageRequest,
  type Timing,
  type Transport,
} from '#kube'

/** A Prometheus at an address of its own. */
export type Address = {
  /** The file of its token is read for each question: what mounts it may renew it. Throws ClusterError. */
  ask(request: Omit<PassageRequest, 'path' | 'isForwarded'>): Promise<Passage>
  close(): Promise<void>
}

export function dialAddress(
  { tokenFile, url }: Extract<PrometheusConfig['at'], { type: 'url' }>,
  { addresses, timing }: { addresses: AddressPolicy; timing: Timing },
): Address {
  const { hostname, origin, pathname } = new URL(url)
  const segments = pathname.split('/').filter((part) => part !== '')
  const [head, ...tail] = [...segments, 'api', 'v1', 'query_range']
  const path = kubePath(head, ...tail)
  const host = hostname.replace(/^\[|\]$/g, '')
  let line: Transport | null = null
  return {
    ask: async (request) => {
      const token = tokenFile === null ? null : await readToken(tokenFile)
      const credential = { ...createAnonymousCredential(origin), token }
      line ??= createTransport(credential, {
        version: readVersion(),
        // Its own name alone: what that resolves to is judged as any address of a cluster is.
        addresses: { ...addresses, only: createHostRules([host]) },
        timing,
        isDirect: true,
      })
      line.renew(credential)
      return line.open({ ...request, path, isForwarded: true })
    },
    close: async () => line?.close(),
  }
}

async function readToken(path: string): Promise<string> {
  const token = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
  // The path is the operator's own, and not for whoever looks at a chart.
  if (token === null || !/^[\x21-\x7e]+$/.test(token)) {
    throw new ClusterError('unauthorized', {
      message: 'cannot be asked: the file of its token is missing, or holds none',
    })
  }
  return token
}
