import { readFile } from 'node:fs/promises'
import { findAuthoritiesFault, readVersion, type PrometheusConfig } from '#config'
import {
  ClusterError,
  createAnonymousCredential,
  createHostRules,
  createTransport,
  kubePath,
  type AddressPolicy,
  type ClusterCredential,
  type Passage,
  type PassageRequest,
  type Timing,
} from '#kube'

/** A Prometheus at an address of its own. */
export type Address = {
  /** The files of its token and authority are read for each question: what mounts them may renew them. Throws ClusterError. */
  ask(request: Omit<PassageRequest, 'path' | 'isForwarded'>): Promise<Passage>
  close(): Promise<void>
}

export function dialAddress(
  { caFile, tokenFile, url }: Extract<PrometheusConfig['at'], { type: 'url' }>,
  { addresses, timing }: { addresses: AddressPolicy; timing: Timing },
): Address {
  const { hostname, origin, pathname } = new URL(url)
  const segments = pathname.split('/').filter((part) => part !== '')
  const [head, ...tail] = [...segments, 'api', 'v1', 'query_range']
  const path = kubePath(head, ...tail)
  const host = hostname.replace(/^\[|\]$/g, '')
  const dial = (credential: ClusterCredential) => ({
    ca: credential.ca,
    transport: createTransport(credential, {
      version: readVersion(),
      // Its own name alone: what that resolves to is judged as any address of a cluster is.
      addresses: { ...addresses, only: createHostRules([host]) },
      timing,
      isDirect: true,
    }),
  })
  let line: ReturnType<typeof dial> | null = null
  return {
    ask: async (request) => {
      const token = tokenFile === null ? null : await readToken(tokenFile)
      const ca = caFile === null ? null : await readAuthority(caFile)
      const credential = { ...createAnonymousCredential(origin), ca, token }
      if (line?.ca !== ca) {
        void line?.transport.close()
        line = dial(credential)
      }
      line.transport.renew(credential)
      return line.transport.open({ ...request, path, isForwarded: true })
    },
    close: async () => line?.transport.close(),
  }
}

async function readAuthority(path: string): Promise<string> {
  const pem = await readFile(path, 'latin1').catch(() => null)
  const fault = pem === null ? 'cannot be read' : findAuthoritiesFault(pem)
  if (pem !== null && fault === null) return pem
  throw new ClusterError('tls', {
    message: `cannot be asked: the file of its certificate authority ${fault}`,
  })
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
