import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

const secretFields = new Set([
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
])
/** How deep in what is logged they are looked for. */
const levels = 3

/** JSON lines with ISO timestamps; fields that carry secrets by name are censored up to two levels deep. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label: string) => ({ level: label }),
      // By hand: pino's own redaction goes through every path for every line, which costs more than the rest of a request.
      log: (fields: Fields) => censor(fields, levels),
    },
    serializers: { error: describeError },
  }
  const logger = destination ? pino(options, destination) : pino(options)
  const { child } = logger
  logger.child = function (this: Logger, bindings: Fields, own?: Parameters<typeof child>[1]) {
    return child.call(this, censor(bindings, levels), own)
  } as typeof child
  return logger
}

type Fields = Record<string, unknown>

/** The same object, or a copy where something in it is left out. */
function censor(fields: Fields, depth: number): Fields {
  let censored: Fields | null = null
  for (const key in fields) {
    const value = fields[key]
    const shown = secretFields.has(key) ? '[redacted]' : censorValue(value, depth - 1)
    if (shown !== value) (censored ??= { ...fields })[key] = shown
  }
  return censored ?? fields
}

function censorValue(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const shown = value.map((each: unknown) => censorValue(each, depth - 1))
    return shown.some((each, index) => each !== value[index]) ? shown : value
  }
  // What has a class of its own says by a serializer what is shown of it.
  return Object.getPrototypeOf(value) === Object.prototype ? censor(value as Fields, depth) : value
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
