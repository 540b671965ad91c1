import { showLine } from '#text'
import { isRecord } from './objects.ts'

export type ClusterErrorKind =
  | 'dns'
  | 'refused'
  | 'timeout'
  | 'proxy'
  | 'tls'
  | 'blocked-address'
  | 'unauthorized'
  /** There is none with which it could be asked. */
  | 'no-credential'
  | 'forbidden'
  | 'admission'
  | 'not-found'
  | 'conflict'
  | 'already-exists'
  | 'invalid'
  | 'bad-request'
  | 'gone'
  | 'throttled'
  | 'server'
  | 'protocol'
  /** More, or faster, or longer than the hub keeps of one cluster. */
  | 'too-much'
  /** It answers, and its watch says nothing. */
  | 'silent'
  /** It answers again after a break, and refuses or does not know what it did not load yet. */
  | 'starting'
  /** The hub itself may open no further connection. */
  | 'no-descriptor'
  | 'aborted'

/** Kinds of failure that say that nobody is there, whatever was asked. */
export const connectionKinds: ReadonlySet<ClusterErrorKind> = new Set([
  'dns',
  'refused',
  'timeout',
  'proxy',
  'tls',
])

/** Of a cluster that answers again after a break, and not everything of it does yet. */
export function startingError(cause: ClusterError | null = null): ClusterError {
  return new ClusterError('starting', {
    message: 'does not serve everything yet',
    ...(cause && { reason: cause.reason, cause }),
  })
}

/** A field the API server found wrong: `spec.engine.type`, as it spells it. */
export type StatusCause = { field: string; message: string }

export type ClusterErrorOptions = {
  /** Continues the sentence "the cluster …", or the API server's own words. Holds no secret. */
  message: string
  status?: number
  reason?: string | null
  causes?: StatusCause[]
  retryAfterSeconds?: number | null
  auditId?: string | null
  cause?: unknown
}

/** Whatever kept a cluster from answering as asked, sorted by what a person can do about it. */
export class ClusterError extends Error {
  readonly kind: ClusterErrorKind
  /** HTTP status, or null where no answer came. */
  readonly status: number | null
  /** `reason` of the Kubernetes Status. */
  readonly reason: string | null
  readonly causes: readonly StatusCause[]
  readonly retryAfterSeconds: number | null
  readonly auditId: string | null

  constructor(kind: ClusterErrorKind, options: ClusterErrorOptions) {
    super(options.message, { cause: options.cause })
    this.name = 'ClusterError'
    this.kind = kind
    this.status = options.status ?? null
    this.reason = options.reason ?? null
    this.causes = options.causes ?? []
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
    this.auditId = options.auditId ?? null
  }
}

const messageLengthMax = 2000
const causesMax = 50

/** The error for an answer that is no success; `body` is its parsed JSON, if it was JSON. */
export function statusError(answer: {
  status: number
  body: unknown
  retryAfter?: string | null
  auditId?: string | null
  redact?: (text: string) => string
}): ClusterError {
  const redact = answer.redact ?? ((text: string) => text)
  const body = isRecord(answer.body) && answer.body.kind === 'Status' ? answer.body : null
  const details = isRecord(body?.details) ? body.details : {}
  const reason = typeof body?.reason === 'string' && body.reason !== '' ? body.reason : null
  const text = typeof body?.message === 'string' ? body.message : ''
  const message = text === '' ? `answered with HTTP status ${answer.status}` : clean(redact(text))
  return new ClusterError(kindOf(answer.status, reason, message), {
    message,
    status: answer.status,
    reason,
    causes: readCauses(details.causes, redact),
    retryAfterSeconds: readRetryAfter(answer.retryAfter, details.retryAfterSeconds),
    auditId: answer.auditId ?? null,
  })
}

/** The error for a request that got no answer, from what the network stack threw. */
export function networkError(error: unknown): ClusterError {
  if (error instanceof ClusterError) return error
  const codes = errorCodes(error)
  const has = (...wanted: string[]) => wanted.some((code) => codes.includes(code))
  if (isAbort(error) || has('UND_ERR_ABORTED', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED')) {
    return new ClusterError('aborted', { message: 'was not waited for', cause: error })
  }
  if (has('EMFILE', 'ENFILE')) {
    return new ClusterError('no-descriptor', {
      message: 'cannot be dialled: no file descriptor is left',
      cause: error,
    })
  }
  if (has('ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NONAME', 'EAI_NODATA')) {
    return new ClusterError('dns', { message: 'has a name that cannot be resolved', cause: error })
  }
  if (
    has('UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT')
  ) {
    return new ClusterError('timeout', { message: 'did not answer in time', cause: error })
  }
  const tlsCode = codes.find(isTlsCode)
  if (tlsCode) {
    return new ClusterError('tls', { message: describeTls(tlsCode), cause: error })
  }
  if (
    codes.some((code) => code.startsWith('HPE_')) ||
    has('UND_ERR_RES_EXCEEDED_MAX_SIZE', 'ERR_HTTP2_ERROR')
  ) {
    return new ClusterError('protocol', { message: 'did not answer in HTTP', cause: error })
  }
  if (has('EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN')) {
    return new ClusterError('refused', { message: 'has no route from the hub', cause: error })
  }
  if (has('ECONNREFUSED')) {
    return new ClusterError('refused', { message: 'refused the connection', cause: error })
  }
  if (codes.some((code) => isHttp2Break(code))) {
    return new ClusterError('refused', { message: 'broke off its answer', cause: error })
  }
  if (isStaleConnection(error)) {
    return new ClusterError('refused', { message: 'closed the connection', cause: error })
  }
  return new ClusterError('protocol', { message: 'could not be talked to', cause: error })
}

/** Whether a request that fails so may never have reached a handler: a kept-alive connection closed under it. */
export function isStaleConnection(error: unknown): boolean {
  return errorCodes(error).some((code) => staleCodes.has(code) || isHttp2Break(code))
}

const staleCodes: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Of a stream that the server reset, or of a connection that it is leaving (RFC 9113 §5.4). */
function isHttp2Break(code: string): boolean {
  return /^ERR_HTTP2_(?:STREAM_ERROR|SESSION_ERROR|INVALID_SESSION|GOAWAY_SESSION)$/.test(code)
}

/** Whether a request that fails so was never begun, for there was no connection in time. */
export function isUnconnected(error: unknown): boolean {
  return errorCodes(error).includes('UND_ERR_CONNECT_TIMEOUT')
}

/** Whether a request that fails so was never begun, for its transport was closed before. */
export function isClosedTransport(error: unknown): boolean {
  return errorCodes(error).includes('UND_ERR_CLOSED')
}

function kindOf(status: number, reason: string | null, message: string): ClusterErrorKind {
  // A webhook chooses its own status code, so its words decide.
  if (/^admission webhook "[^"]*" denied the request/.test(message)) return 'admission'
  if (/ValidatingAdmissionPolicy '[^']*'.* denied request/.test(message)) return 'admission'
  if (status === 403 && isPolicyDenial(message)) return 'admission'
  if (status >= 300 && status < 400) return 'protocol'
  switch (status) {
    case 400:
      return 'bad-request'
    case 401:
      return 'unauthorized'
    case 403:
      return 'forbidden'
    case 404:
      return 'not-found'
    case 409:
      return reason === 'AlreadyExists' ? 'already-exists' : 'conflict'
    case 410:
      return 'gone'
    case 422:
      return 'invalid'
    case 429:
      return 'throttled'
    case 504:
      return 'timeout'
  }
  return status >= 500 ? 'server' : 'bad-request'
}

/** RBAC always says that somebody "cannot" do something; quotas and built-in admission say what is wrong instead. */
function isPolicyDenial(message: string): boolean {
  return / is forbidden: /.test(message) && !/ is forbidden: User ".*" cannot /.test(message)
}

function readCauses(value: unknown, redact: (text: string) => string): StatusCause[] {
  if (!Array.isArray(value)) return []
  return value
    .slice(0, causesMax)
    .filter(isRecord)
    .map((cause) => ({
      field: typeof cause.field === 'string' ? cause.field.slice(0, 500) : '',
      message: typeof cause.message === 'string' ? clean(redact(cause.message)) : '',
    }))
}

function readRetryAfter(header: string | null | undefined, field: unknown): number | null {
  const seconds = header ? Number(header) : field
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) return null
  return seconds
}

/** A stranger's words, made fit for a sentence: one line, bounded, no user info in URLs. */
function clean(text: string): string {
  const line = showLine(text.slice(0, messageLengthMax * 2)).replaceAll(/\/\/[^/\s@"]+@/g, '//')
  return line.length > messageLengthMax ? `${line.slice(0, messageLengthMax)}…` : line
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** Codes of an error, of what caused it and of what it gathers (happy eyeballs throw an AggregateError). */
function errorCodes(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 4) return []
  const { code } = error as { code?: unknown }
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : []
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...inner.flatMap((each) => errorCodes(each, depth + 1)),
    ...errorCodes(error.cause, depth + 1),
  ]
}

const certificateCodes: Record<string, string> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate that no CA trusted for it has signed',
  UNABLE_TO_GET_ISSUER_CERT: 'has a certificate that no CA trusted for it has signed',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate that no CA trusted for it has signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate that no CA trusted for it has signed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a self-signed certificate',
  CERT_SIGNATURE_FAILURE: 'has a certificate that no CA trusted for it has signed',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet',
  CERT_REVOKED: 'has a certificate that was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
}

function isTlsCode(code: string): boolean {
  return code in certificateCodes || /^(ERR_(TLS|SSL)_|CERT_|EPROTO$)/.test(code)
}

function describeTls(code: string): string {
  return certificateCodes[code] ?? `did not agree on a secure connection (${code})`
}
