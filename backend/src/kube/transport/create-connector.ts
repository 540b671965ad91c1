import { isIP, type LookupFunction } from 'node:net'
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import { buildConnector } from 'undici'
import { ClusterError } from '../cluster-error.ts'
import type { ClusterCredential } from '../cluster-credential.ts'
import { systemTiming } from '../timing.ts'
import { describeBlockedHost, describeBlockedTarget, type AddressPolicy } from '../addresses.ts'
import { openTunnel } from './open-tunnel.ts'
import { createResolve, type Resolve } from './resolve-name.ts'
import type { TransportOptions } from './transport.ts'

/** What connects, by what is spoken: HTTP/2 only where the server agrees to it (RFC 7301). */
export type Connectors = { http1: buildConnector.connector; http2: buildConnector.connector }

/** Connect to the credential's server, through its proxy if it names one, and to no address that is barred. */
export function createConnectors(
  credential: ClusterCredential,
  { addresses, resolve = createResolve(systemTiming), sockets }: TransportOptions,
  timeout: number,
): Connectors {
  const lookup = createLookup(addresses, resolve)
  const tls = {
    timeout,
    lookup,
    rejectUnauthorized: credential.verifyTls,
    ...(isIP(credential.tlsServerName ?? '') !== 0 && {
      checkServerIdentity: (_: string, certificate: PeerCertificate) =>
        checkServerIdentity(credential.tlsServerName!, certificate),
    }),
    // One for all connections: each would else parse and keep the authorities again.
    secureContext: createSecureContext({
      // As kubectl, to which an authority is one whoever vouches for it.
      allowPartialTrustChain: true,
      ...(credential.ca !== null && { ca: credential.ca }),
      ...(credential.clientCertificate && {
        cert: credential.clientCertificate.certificate,
        key: credential.clientCertificate.key,
      }),
    }),
  }
  const guard = (connect: buildConnector.connector) =>
    guardConnector(connect, credential, { addresses, lookup, timeout, ...(sockets && { sockets }) })
  return {
    http1: guard(buildConnector({ ...tls, allowH2: false })),
    http2: guard(buildConnector({ ...tls, allowH2: true, preferH2: true })),
  }
}

type Guard = Pick<TransportOptions, 'addresses' | 'sockets'> & {
  lookup: LookupFunction
  timeout: number
}

/** Asks first whether that address may be dialled and a connection is left; then connects, behind the proxy if there is one. */
function guardConnector(
  connect: buildConnector.connector,
  credential: ClusterCredential,
  { addresses, lookup, sockets, timeout }: Guard,
): buildConnector.connector {
  // undici remembers it weakly: after the next collection every connection would begin as if it were the first.
  const held: { session: Buffer | null } = { session: null }
  return (target, done) => {
    const blocked = describeBlockedHost(target, addresses)
    if (blocked !== null) return done(blockedAddress(blocked), null)
    const release = sockets ? sockets.take() : () => {}
    if (release === null) return done(noDescriptor(), null)
    const callback: buildConnector.Callback = (...[error, socket]) => {
      if (error) {
        release()
        return done(error, null)
      }
      socket.once('close', release)
      socket.on('session', (session: Buffer) => (held.session = session))
      done(null, socket)
    }
    const named = nameServer(target, credential.tlsServerName)
    if (credential.proxyUrl === null) return connect(named, callback)
    const blockedProxy = describeBlockedHost(new URL(credential.proxyUrl), addresses)
    if (blockedProxy !== null) return callback(blockedAddress(blockedProxy), null)
    openTunnel(target, { proxyUrl: credential.proxyUrl, lookup, timeoutMs: timeout }).then(
      (httpSocket) => connect({ ...named, httpSocket }, callback),
      (error: ClusterError) => callback(error, null),
    )
  }
}

/** An address is never sent as SNI (RFC 6066 §3): undici sends none where the host is one. */
function nameServer(target: buildConnector.Options, name: string | null): buildConnector.Options {
  if (name === null) return target
  return isIP(name) === 0 ? { ...target, servername: name } : { ...target, host: name }
}

/** Drops the addresses that the hub may not connect to, so that a name cannot lead where an address may not. */
function createLookup(policy: AddressPolicy, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0)
      const allowed = found.filter(
        ({ address }) => describeBlockedTarget(hostname, address, policy) === null,
      )
      const [first] = allowed
      if (!first) {
        const blocked = found[0] && describeBlockedTarget(hostname, found[0].address, policy)
        return callback(blockedAddress(blocked ?? 'no address'), '', 0)
      }
      if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

function noDescriptor(): ClusterError {
  return new ClusterError('no-descriptor', { message: 'has its share of the open sockets in use' })
}

function blockedAddress(what: string): ClusterError {
  return new ClusterError('blocked-address', {
    message: `resolves to ${what}, which the hub does not connect to`,
  })
}
