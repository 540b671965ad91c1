import { outsideProviders, type OutsideProviderId } from '../outside-providers.ts'
import { parseBoolean, parseText } from '../parsers.ts'
import { readList } from '../read-list.ts'
import type { Reading, Variable, Variables } from '../variable.ts'

/** The OpenAI-compatible door. */
export const gatewayVariables = {
  ENABLE_AUTH: {
    default: 'true',
    purpose:
      'whether `/v1` asks who calls; `false` in local mode alone, where it lets every process of the machine in',
    parse: parseBoolean,
  },
  OIDC_ISSUER_URL: {
    default: null,
    unset: 'none',
    purpose: 'issuer whose access tokens the [gateway](gateway.md) takes',
    parse: parseText,
  },
  OIDC_CLIENT_ID: {
    default: null,
    unset: 'none',
    purpose: 'what these tokens carry as audience',
    parse: parseText,
  },
  OIDC_CLIENT_SECRET: {
    default: null,
    unset: 'none',
    secret: true,
    purpose:
      'asks `OIDC_ISSUER_URL` about tokens that are no JWTs, where it offers that (RFC 7662); else it is not used',
    parse: parseText,
  },
  AUTH_ENABLED: {
    default: null,
    unset: 'none',
    purpose: 'another name of `ENABLE_AUTH`',
    parse: parseBoolean,
  },
  AUTH_OIDC_ISSUER_URL: {
    default: null,
    unset: 'none',
    purpose: 'another name of `OIDC_ISSUER_URL`',
    parse: parseText,
  },
  AUTH_OIDC_CLIENT_ID: {
    default: null,
    unset: 'none',
    purpose: 'another name of `OIDC_CLIENT_ID`',
    parse: parseText,
  },
  AUTH_OIDC_CLIENT_SECRET: {
    default: null,
    unset: 'none',
    secret: true,
    purpose: 'another name of `OIDC_CLIENT_SECRET`',
    parse: parseText,
  },
  GATEWAY_ACCESS: {
    default: 'grants',
    purpose:
      'who may use a model: `grants` for whom a role lets, `authenticated` for every good token of `OIDC_ISSUER_URL` as well',
    parse: parseAccess,
  },
  ALLOWED_MODELS: {
    default: '',
    purpose: 'comma list of the only models that may be used, by any of their names',
    parse: readList,
  },
  DISALLOWED_MODELS: {
    default: '',
    purpose: 'comma list of models that nobody may use; without effect beside `ALLOWED_MODELS`',
    parse: readList,
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
      'whether `/mcp` asks who calls; `false` in local mode alone, where it lets every process of the machine in',
    parse: parseBoolean,
  },
  OAUTH_ISSUER_URL: {
    default: null,
    unset: 'none',
    purpose: 'issuer whose access tokens [agents](mcp.md) come with',
    parse: parseText,
  },
  OAUTH_AUDIENCE: {
    default: null,
    unset: 'only that address',
    purpose:
      'what these tokens carry as audience, such as `mcp-server`; the `/mcp` address below AUTH_CALLBACK_URL counts too',
    parse: parseText,
  },
} as const satisfies Variables

type KeyName = `${Uppercase<OutsideProviderId>}_API_KEY`
type UrlName = `${Uppercase<OutsideProviderId>}_API_URL`

/** For each provider outside, its key and where it is. */
export const outsideVariables = Object.fromEntries(
  Object.entries(outsideProviders).flatMap(([id, { url }]): [string, Variable][] => [
    [
      `${id.toUpperCase()}_API_KEY`,
      {
        default: null,
        unset: 'off',
        secret: true,
        purpose: `the hub's key at the provider \`${id}\`, which turns it on`,
        parse: parseText,
      },
    ],
    [
      `${id.toUpperCase()}_API_URL`,
      {
        default: url,
        ...(url === null && { unset: 'none' }),
        purpose: `where the API of \`${id}\` is`,
        parse: parseText,
      },
    ],
  ]),
) as Record<KeyName | UrlName, Variable>
