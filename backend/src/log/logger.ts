import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

const secretFields = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'clientSecret',
  'token',
  'accessToken',
  'idToken',
  'refreshToken',
  'codeVerifier',
  'kubeconfig',
]

/** JSON lines with ISO timestamps; fields that carry secrets by name are censored up to two levels deep. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: secretFields.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]),
      censor: '[redacted]',
    },
    serializers: { error: describeError },
  }
  return destination ? pino(options, destination) : pino(options)
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code, query } = error as { code?: unknown; query?: unknown }
  // A failed query says what it was asked with: digests and sealed tokens among it.
  const isQuery = typeof query === 'string'
  return {
    name: error.name,
    message: isQuery ? `Failed query: ${query}` : error.message,
    ...(typeof code === 'string' && { code }),
    stack: isQuery ? error.stack?.replace(/^.*?(?=\n {4}at )/s, '') : error.stack,
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  }
}
