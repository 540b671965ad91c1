import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, getCACertificates, type ConnectionOptions } from 'node:tls'
import type { PostgresHost, PostgresServer } from '#config'

/** A connection could not be made; `code` is the system's, or says what failed. */
export class DialError extends Error {
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** SSLRequest (PostgreSQL 18 §54.7). */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Opens one socket to one host, secured as the server's address says. Whoever gets it destroys it; here it is destroyed
 * where anything fails or takes longer than `timeoutMs`.
 */
export async function dialPostgres(
  server: PostgresServer,
  host: PostgresHost,
  timeoutMs: number,
): Promise<Socket> {
  const isUnix = host.address.startsWith('/')
  const raw = isUnix
    ? connectTcp({ path: join(host.address, `.s.PGSQL.${host.port}`) })
    : connectTcp({ host: host.address, port: host.port })
  const timer = setTimeout(() => {
    const place = isUnix ? host.name : `${host.name}:${host.port}`
    raw.destroy(new DialError('CONNECT_TIMEOUT', `${place} did not answer in time`))
  }, timeoutMs)
  try {
    await happens(raw, 'connect')
    raw.setNoDelay(true)
    if (server.keepAliveSeconds !== null) raw.setKeepAlive(true, server.keepAliveSeconds * 1_000)
    // As with libpq, nothing is encrypted on this machine's own sockets.
    if (isUnix || server.tls.use === 'never') return raw
    if (!server.tls.isDirect && !(await offersTls(raw))) {
      if (server.tls.use === 'prefer') return raw
      throw new DialError(
        'TLS_NOT_OFFERED',
        `${host.name}:${host.port} offers no TLS, which sslmode asks for`,
      )
    }
    const secured = connectTls({ socket: raw, ...tlsOptions(server, host) })
    await happens(secured, 'secureConnect')
    return secured
  } catch (error) {
    raw.destroy()
    if (isUnix && (error as { code?: unknown }).code === 'ENOENT') {
      throw new DialError('ECONNREFUSED', `no PostgreSQL listens in ${host.name}`, error)
    }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function offersTls(socket: Socket): Promise<boolean> {
  socket.write(sslRequest)
  const answer = (await happens(socket, 'data')) as Buffer
  // More than one byte was sent by whoever sits in between: nothing of it may count after the handshake (CVE-2021-23222).
  if (answer.length === 1 && (answer[0] === 0x53 || answer[0] === 0x4e)) return answer[0] === 0x53
  throw new DialError('NO_POSTGRES', 'what answers there is not PostgreSQL')
}

function tlsOptions({ tls }: PostgresServer, host: PostgresHost): ConnectionOptions {
  return {
    ...(tls.hasSni && isIP(host.name) === 0 && { servername: host.name }),
    ...(tls.isDirect && { ALPNProtocols: ['postgresql'] }),
    rejectUnauthorized: tls.verify !== 'nothing',
    // Without `servername`, Node would compare with another name.
    host: host.name,
    ...(tls.verify === 'authority' && { checkServerIdentity: () => undefined }),
    ...(tls.ca !== null && { ca: tls.ca === 'system' ? getCACertificates('system') : tls.ca }),
    ...(tls.crl !== null && { crl: tls.crl }),
    ...(tls.cert !== null && { cert: tls.cert }),
    ...(tls.key !== null && { key: tls.key }),
    ...(tls.passphrase !== null && { passphrase: tls.passphrase }),
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
  }
}

/** The event's value; throws what the socket fails with, also where it is closed before. */
function happens(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      socket.off(event, onEvent).off('error', onError).off('close', onClose)
      // A socket without a listener would end the process with its next error.
      socket.on('error', () => undefined)
      end()
    }
    const onEvent = (value: unknown) => settle(() => resolve(value))
    const onError = (error: Error) => settle(() => reject(error))
    const onClose = () =>
      settle(() => reject(new DialError('CONNECTION_CLOSED', 'the server closed the connection')))
    socket.on(event, onEvent).on('error', onError).on('close', onClose)
  })
}
