import type { GatewayConfig, McpConfig } from './config.ts'
import { hidePassword } from './hide-password.ts'
import { describeHttpLeave, type HttpIssuers } from './http-issuers.ts'
import type { JwtIssuerConfig } from './read-jwt-issuers.ts'
import { readCredential } from './read-credential.ts'
import { readOutsideProviders } from './read-outside-providers.ts'
import { readVariables, type Source } from './read-variables.ts'
import { gatewayVariables, mcpVariables } from './variables/gateway.ts'

/** The settings of machines' and agents' doors, and the issuers that they add to those whose tokens are taken. */
export function readDoors(
  source: Source,
  httpIssuers: HttpIssuers,
  publicUrl: string | null,
  /** Whose tokens are taken everywhere. */
  everywhere: readonly JwtIssuerConfig[],
): { gateway: GatewayConfig; mcp: McpConfig; issuers: JwtIssuerConfig[] } {
  const { gateway, issuer } = readGateway(source, httpIssuers)
  const mcp = readMcp(source, httpIssuers, publicUrl)
  return {
    gateway,
    mcp: {
      isOpen: mcp.isOpen,
      issuer: mcp.issuer?.issuer ?? null,
      issuers: mcp.issuer === null ? everywhere : [mcp.issuer],
    },
    issuers: [issuer, mcp.issuer].filter((each) => each !== null),
  }
}

/** Of the door's own audience before any other. */
type DoorIssuer = JwtIssuerConfig & { audiences: readonly [string, ...string[]] }

function readMcp(
  source: Source,
  httpIssuers: HttpIssuers,
  publicUrl: string | null,
): Pick<McpConfig, 'isOpen'> & { issuer: DoorIssuer | null } {
  const values = readVariables(mcpVariables, source)
  const { mistakes, mode, warnings } = source
  if (!values.REQUIRE_OAUTH && mode.isLocal) {
    warnings.push(
      'REQUIRE_OAUTH is false: every process on this machine may do through /mcp what you may.',
    )
  } else if (!values.REQUIRE_OAUTH) {
    mistakes.push(
      'REQUIRE_OAUTH is false, but a hub that others reach never acts for whoever comes. Leave it out.',
    )
  }
  const issuer = readIssuer(
    source,
    httpIssuers,
    {
      issuer: values.OAUTH_ISSUER_URL,
      audience: values.OAUTH_AUDIENCE,
      // What clients ask a token for (RFC 8707): `resource` of the door's metadata.
      own: publicUrl === null ? null : `${publicUrl}/mcp`,
    },
    ['OAUTH_ISSUER_URL', 'OAUTH_AUDIENCE'],
  )
  return { isOpen: !values.REQUIRE_OAUTH && mode.isLocal, issuer }
}

function readGateway(
  source: Source,
  httpIssuers: HttpIssuers,
): { gateway: GatewayConfig; issuer: DoorIssuer | null } {
  const values = readVariables(gatewayVariables, source)
  const isAuthEnabled = values.AUTH_ENABLED ?? values.AUTH_ENABLE ?? values.ENABLE_AUTH
  const isOpen = readIsOpen(source, isAuthEnabled)
  const issuerName = firstSet(values, [
    'OIDC_ISSUER_URL',
    'AUTH_OIDC_ISSUER',
    'AUTH_OIDC_ISSUER_URL',
  ])
  const audienceName = firstSet(values, ['OIDC_CLIENT_ID', 'AUTH_OIDC_CLIENT_ID'])
  const issuer = readIssuer(
    source,
    httpIssuers,
    { issuer: values[issuerName], audience: values[audienceName] },
    [issuerName, audienceName],
  )
  if (values.GATEWAY_ACCESS === 'authenticated' && issuer === null) {
    source.mistakes.push(
      'GATEWAY_ACCESS is authenticated, but OIDC_ISSUER_URL is not set, so nobody could be: set OIDC_ISSUER_URL and OIDC_CLIENT_ID, or GATEWAY_ACCESS=grants.',
    )
  }
  return {
    issuer,
    gateway: {
      isOpen,
      access: values.GATEWAY_ACCESS,
      issuer: issuer?.issuer ?? null,
      introspection: readIntrospection(source, issuer, {
        secret: values.OIDC_CLIENT_SECRET ?? values.AUTH_OIDC_CLIENT_SECRET,
        key: values.OIDC_CLIENT_KEY_FILE,
        assertion: values.OIDC_CLIENT_ASSERTION_FILE,
      }),
      allowedModels: values.ALLOWED_MODELS,
      disallowedModels: values.DISALLOWED_MODELS,
      providers: readOutsideProviders(source, values.GATEWAY_PROVIDERS),
    },
  }
}

/** Of several names for one thing, that which is set. */
function firstSet<const Name extends string>(
  values: Readonly<Record<Name, unknown>>,
  names: readonly [Name, ...Name[]],
): Name {
  return names.find((name) => values[name] !== null) ?? names[0]
}

function readIntrospection(
  source: Source,
  issuer: DoorIssuer | null,
  given: Parameters<typeof readCredential>[1],
): GatewayConfig['introspection'] {
  if (issuer === null) return null
  const names = {
    secret: 'OIDC_CLIENT_SECRET',
    key: 'OIDC_CLIENT_KEY_FILE',
    assertion: 'OIDC_CLIENT_ASSERTION_FILE',
  }
  const credential = readCredential(source, given, { names })
  if (credential === null) return null
  return { issuer: issuer.issuer, clientId: issuer.audiences[0], credential }
}

function readIsOpen({ mistakes, mode, warnings }: Source, isAuthEnabled: boolean): boolean {
  if (isAuthEnabled) return false
  if (mode.isLocal) {
    warnings.push(
      'ENABLE_AUTH is false: every process on this machine may use every model that the hub reaches.',
    )
  } else {
    mistakes.push(
      "ENABLE_AUTH is false, but a hub that others reach never answers for whoever comes: every model, and every key of a provider, would be everybody's. Leave it out, and say with GATEWAY_ACCESS who may use models.",
    )
  }
  return true
}

function readIssuer(
  { mistakes }: Source,
  httpIssuers: HttpIssuers,
  {
    audience,
    issuer,
    own = null,
  }: Record<'issuer' | 'audience', string | null> & { own?: string | null },
  [issuerName, audienceName]: readonly [string, string],
): DoorIssuer | null {
  if (issuer === null && audience === null) return null
  const [first, ...others] = [audience, own].filter((each) => each !== null)
  if (issuer === null || first === undefined) {
    const [set, unset] = issuer === null ? [audienceName, issuerName] : [issuerName, audienceName]
    mistakes.push(`${set} is set, but ${unset} is not; tokens are checked by both.`)
    return null
  }
  const fault = httpIssuers.findFault(issuerName, issuer)
  if (fault === 'address') {
    mistakes.push(
      `${issuerName} is "${hidePassword(issuer)}", which is not a URL without a query; write it as https://id.example.com/realms/ai.`,
    )
  } else if (fault === 'http') {
    mistakes.push(
      `${issuerName} is "${issuer}", which does not use https; ${describeHttpLeave(issuer)}.`,
    )
  }
  return { issuer, audiences: [first, ...others], accessTokenSign: 'required' }
}
