import { parseDuration } from '../parsers.ts'
import { defaultSessionSecret, parseSecrets, parseSessionSecrets } from '../read-secrets.ts'
import type { Reading, Variables } from '../variable.ts'

export const sessionVariables = {
  SESSION_SECRET: {
    default: defaultSessionSecret,
    secret: true,
    purpose:
      'signs sessions; at least 32 characters in production; to rotate it, a comma-separated list, newest first',
    parse: parseSessionSecrets,
  },
  SESSION_IDLE_TIMEOUT: {
    default: '30m',
    purpose: 'a session ends after this much time without a request',
    parse: parseDuration,
  },
  SESSION_ABSOLUTE_TIMEOUT: {
    default: '12h',
    purpose: 'a session ends this much time after sign-in',
    parse: parseDuration,
  },
  SESSION_RENEW_INTERVAL: {
    default: '15m',
    purpose: "a session's cookie is replaced this often; at least a minute",
    parse: parseRenewInterval,
  },
  HUB_ENCRYPTION_KEY: {
    default: '',
    unset: 'derived from SESSION_SECRET',
    secret: true,
    purpose:
      "encrypts identity providers' tokens in the database; to rotate it, a comma-separated list, newest first",
    parse: parseSecrets,
  },
} as const satisfies Variables

function parseRenewInterval(text: string, reading: Reading): number {
  const seconds = parseDuration(text, reading)
  // A cookie is good for a minute after it was replaced: two in that time would look like a stolen one.
  if (seconds < 60) {
    reading.mistakes.push(`${reading.name} must be a minute or more, not "${text}".`)
  }
  return seconds
}
