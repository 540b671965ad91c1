import { parseBoolean, parseText } from '../parsers.ts'
import { parseOrigin } from '../read-addresses.ts'
import type { Variables } from '../variable.ts'

/** Read before all others, whose defaults and rules go by them. */
export const modeVariables = {
  HUB_MODE: {
    default: 'false',
    purpose:
      '`true` or `1` turns hub mode on; otherwise the hub runs in local mode: one person, this machine, no sign-in',
    parse: parseBoolean,
  },
  NODE_ENV: {
    default: '',
    purpose: '`production` turns the production rules on, as does an https `AUTH_CALLBACK_URL`',
    parse: parseText,
  },
  AUTH_CALLBACK_URL: {
    default: null,
    unset: "the request's own address, if allowed",
    purpose: "the hub's public address, such as `https://hub.example.com`",
    parse: parseOrigin,
  },
} as const satisfies Variables
