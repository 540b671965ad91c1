import { parseCount, parseLogLevel, parsePort, parseSeconds, parseText } from '../parsers.ts'
import { parseCorsOrigins, parseTrustedProxies } from '../read-addresses.ts'
import { readList } from '../read-list.ts'
import type { Reading, Variables } from '../variable.ts'

export const serverVariables = {
  HOST: {
    default: { otherwise: '127.0.0.1', production: '0.0.0.0' },
    purpose: 'address the hub listens on; a loopback address in local mode',
    parse: parseText,
  },
  PORT: { default: '3001', purpose: 'port the hub listens on', parse: parsePort },
  ALLOWED_HOSTS: {
    default: '',
    unset: "localhost, 127.0.0.1 and [::1] on the hub's port, outside production",
    purpose: 'comma-separated Host values the hub answers for when `AUTH_CALLBACK_URL` is unset',
    parse: readList,
  },
  TRUSTED_PROXIES: {
    default: '',
    purpose:
      'comma-separated addresses and networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are trusted',
    parse: parseTrustedProxies,
  },
  CORS_ORIGINS: {
    default: '',
    purpose:
      'comma-separated origins of other web applications that may call the API, models and `/mcp` with a token',
    parse: parseCorsOrigins,
  },
  HUB_REQUESTS_PER_MINUTE: {
    default: '6000',
    purpose: 'requests one person, program or anonymous address may make per minute',
    parse: parseCount,
  },
  HUB_LOGINS_PER_MINUTE: {
    default: '20',
    purpose: 'sign-ins one address may begin per minute',
    parse: parseCount,
  },
  HUB_DRAIN_SECONDS: {
    default: { otherwise: '0', production: '5' },
    purpose:
      'how long after SIGTERM the hub still accepts connections while `/readyz` answers 503, so that load balancers notice',
    parse: parseSeconds,
  },
  METRICS_TOKEN: {
    default: null,
    unset: 'no `/metrics`',
    secret: true,
    purpose: 'bearer token with which Prometheus reads `/metrics`; at least 16 characters',
    parse: parseMetricsToken,
  },
  LOG_LEVEL: {
    default: 'info',
    purpose: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
    parse: parseLogLevel,
  },
} as const satisfies Variables

function parseMetricsToken(text: string, { mistakes, name }: Reading): string {
  if (!/^[\w.~+/-]{16,500}=*$/.test(text)) {
    mistakes.push(
      `${name} must have at least 16 characters that a bearer token may hold; make one with openssl rand -hex 32`,
    )
  }
  return text
}
