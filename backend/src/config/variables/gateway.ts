import { nameVariables, outsideProviders } from '../outside-providers.ts'
import { parseBoolean, parseHeaderText, parseText } from '../parsers.ts'
import { readList } from '../read-list.ts'
import type { Reading, Variable, Variables } from '../variable.ts'

/** The OpenAI-compatible door. */
export const gatewayVariables = {
  ENABLE_AUTH: {
    default: 'true',
    purpose:
      'whether `/v1` requires a token; `false` only in local mode, where it lets every process on the machine in',
    parse: parseBoolean,
  },
  OIDC_ISSUER_URL: {
    default: null,
    unset: 'none',
    purpose: 'issuer whose access tokens the [gateway](gateway.md) accepts',
    parse: parseText,
  },
  OIDC_CLIENT_ID: {
    default: null,
    unset: 'none',
    purpose: 'audience these tokens must carry',
    parse: parseText,
  },
  OIDC_CLIENT_SECRET: {
    default: null,
    unset: 'none',
    secret: true,
    purpose:
      'client secret for asking `OIDC_ISSUER_URL` about tokens that are not JWTs, if it offers that (RFC 7662); otherwise unused',
    parse: parseText,
  },
  OIDC_CLIENT_KEY_FILE: {
    default: null,
    unset: 'none',
    purpose: 'private key instead of that secret, as `OIDC_PROVIDER_CLIENT_KEY_FILE` has it',
    parse: parseText,
  },
  OIDC_CLIENT_ASSERTION_FILE: {
    default: null,
    unset: 'none',
    purpose: 'assertion instead of that secret, as `OIDC_PROVIDER_CLIENT_ASSERTION_FILE` has it',
    parse: parseText,
  },
  AUTH_ENABLED: {
    default: null,
    unset: 'none',
    purpose: 'another name for `ENABLE_AUTH`',
    parse: parseBoolean,
  },
  AUTH_ENABLE: {
    default: null,
    unset: 'none',
    purpose: 'another name for `ENABLE_AUTH`',
    parse: parseBoolean,
  },
  AUTH_OIDC_ISSUER_URL: {
    default: null,
    unset: 'none',
    purpose: 'another name for `OIDC_ISSUER_URL`',
    parse: parseText,
  },
  AUTH_OIDC_ISSUER: {
    default: null,
    unset: 'none',
    purpose: 'another name for `OIDC_ISSUER_URL`',
    parse: parseText,
  },
  AUTH_OIDC_CLIENT_ID: {
    default: null,
    unset: 'none',
    purpose: 'another name for `OIDC_CLIENT_ID`',
    parse: parseText,
  },
  AUTH_OIDC_CLIENT_SECRET: {
    default: null,
    unset: 'none',
    secret: true,
    purpose: 'another name for `OIDC_CLIENT_SECRET`',
    parse: parseText,
  },
  GATEWAY_ACCESS: {
    default: 'grants',
    purpose:
      'who may use a model: `grants`, those whose role allows it; `authenticated`, also everybody with a valid token from `OIDC_ISSUER_URL`',
    parse: parseAccess,
  },
  ALLOWED_MODELS: {
    default: '',
    purpose: 'comma-separated list of the only models that may be used, by any of their names',
    parse: readList,
  },
  DISALLOWED_MODELS: {
    default: '',
    purpose: 'comma-separated models that nobody may use; ignored if `ALLOWED_MODELS` is set',
    parse: readList,
  },
  GATEWAY_PROVIDERS: {
    default: '',
    purpose:
      "comma-separated `<id>;<address>` of further [providers](gateway.md#outside-providers) that speak OpenAI's protocol; each one's key is `<ID>_API_KEY` (or `_FILE`)",
    parse: parseText,
  },
} as const satisfies Variables

function parseAccess(text: string, { mistakes, name }: Reading): 'grants' | 'authenticated' {
  if (text === 'grants' || text === 'authenticated') return text
  mistakes.push(`${name} must be grants or authenticated, not "${text}".`)
  return 'grants'
}

/** The agents' door. */
export const mcpVariables = {
  REQUIRE_OAUTH: {
    default: 'true',
    purpose:
      'whether `/mcp` requires a token; `false` only in local mode, where it lets every process on the machine in',
    parse: parseBoolean,
  },
  OAUTH_ISSUER_URL: {
    default: null,
    unset: 'none',
    purpose: 'issuer of the access tokens that [agents](mcp.md) present',
    parse: parseText,
  },
  OAUTH_AUDIENCE: {
    default: null,
    unset: 'only that address',
    purpose:
      'audience these tokens must carry, such as `mcp-server`; the `/mcp` address under AUTH_CALLBACK_URL is accepted too',
    parse: parseText,
  },
} as const satisfies Variables

/** For each provider outside that the hub knows, its key and where it is. */
export const outsideVariables: Record<string, Variable> = Object.fromEntries(
  Object.entries(outsideProviders).flatMap(([id, { url }]): [string, Variable][] => [
    [
      nameVariables(id).key,
      {
        default: null,
        unset: 'off',
        secret: true,
        purpose: `the hub's API key for the provider \`${id}\`, which turns it on`,
        parse: parseHeaderText,
      },
    ],
    [
      nameVariables(id).url,
      {
        default: url,
        ...(url === null && { unset: 'none' }),
        purpose: `address of the API of \`${id}\``,
        parse: parseText,
      },
    ],
  ]),
)
