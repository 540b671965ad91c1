import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Values } from './flag.ts'
import type { GrantType, Storage } from './known-flags.ts'
import { checkIssuer } from './check-issuer.ts'
import { chooseSecret } from './choose-secret.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export type Options = {
  provider: {
    issuer: string
    clientId: string
    clientSecret: string | null
    redirectUrl: string | null
    scopes: string[]
    useAccessToken: boolean
    headers: Record<string, string>
    pkce: 'auto' | 'no' | 'S256'
    extraParameters: Record<string, string>
  }
  grant: { type: GrantType; username: string | null; password: string | null }
  browser: {
    listenAddresses: string[]
    isOpened: boolean
    command: string | null
    timeoutSeconds: number
    certificateFile: string | null
    keyFile: string | null
    afterUrl: string | null
  }
  cache: CacheOptions
  tls: TlsOptions
  forceRefresh: boolean
}
export type CacheOptions = { folder: string; storage: Storage }
export type TlsOptions = {
  authorityFiles: string[]
  authorityData: string[]
  isVerified: boolean
}

/** Throws `usage` where something is missing or contradicts itself. */
export function readOptions(values: Values, env: Environment): Options {
  const issuer = checkIssuer(require(values, 'oidc-issuer-url'))
  const pkce = values.text('oidc-pkce-method') as 'auto' | 'no' | 'S256'
  const certificateFile = readPath(values, 'local-server-cert')
  const keyFile = readPath(values, 'local-server-key')
  if ((certificateFile === null) !== (keyFile === null)) {
    throw new Failure('usage', '--local-server-cert and --local-server-key belong together.')
  }
  return {
    provider: {
      issuer,
      clientId: require(values, 'oidc-client-id'),
      clientSecret: chooseSecret({
        flag: values.text('oidc-client-secret'),
        variable: env['OIDC_CLIENT_SECRET'],
        isForced: values.isOn('oidc-client-secret-from-env'),
        issuer,
        pkce,
      }),
      redirectUrl: readUrl('oidc-redirect-url', values.text('oidc-redirect-url')),
      scopes: [...new Set(['openid', ...values.list('oidc-extra-scope')])],
      useAccessToken: values.isOn('oidc-use-access-token'),
      headers: values.pairs('oidc-request-header'),
      pkce,
      extraParameters: values.pairs('oidc-auth-request-extra-params'),
    },
    grant: {
      type: values.text('grant-type') as GrantType,
      username: values.text('username'),
      password: values.text('password'),
    },
    browser: {
      listenAddresses: values.list('listen-address').map(checkListenAddress),
      isOpened: !values.isOn('skip-open-browser'),
      command: values.text('browser-command'),
      timeoutSeconds: Number(values.text('authentication-timeout-sec')),
      certificateFile,
      keyFile,
      afterUrl: readUrl(
        'open-url-after-authentication',
        values.text('open-url-after-authentication'),
      ),
    },
    cache: readCacheOptions(values, env),
    tls: readTlsOptions(values),
    forceRefresh: values.isOn('force-refresh'),
  }
}

export function readCacheOptions(values: Values, env: Environment): CacheOptions {
  const given = values.text('token-cache-dir')!
  const findBase = () => env['KUBECACHEDIR'] || join(findHome(), '.kube', 'cache')
  return {
    folder:
      given === '~/.kube/cache/oidc-login' ? join(findBase(), 'oidc-login') : expandHome(given),
    storage: values.text('token-cache-storage') as Storage,
  }
}

export function readTlsOptions(values: Values): TlsOptions {
  return {
    authorityFiles: values.list('certificate-authority').map(expandHome),
    authorityData: values.list('certificate-authority-data'),
    isVerified: !values.isOn('insecure-skip-tls-verify'),
  }
}

function readPath(values: Values, name: string): string | null {
  const path = values.text(name)
  return path === null ? null : expandHome(path)
}

/** As a shell does, which reads no arguments of a kubeconfig. */
function expandHome(path: string): string {
  return path.replace(/^~(?=[/\\]|$)/, findHome)
}

/** Throws `cache` for a user without one, such as a pod's. */
function findHome(): string {
  try {
    return homedir()
  } catch (cause) {
    const advice = 'set HOME, or name a folder with --token-cache-dir'
    throw new Failure('cache', `This user has no home folder: ${advice}.`, { cause })
  }
}

function require(values: Values, name: string): string {
  const value = values.text(name)
  if (value === null || value === '') throw new Failure('usage', `--${name} is missing.`)
  return value
}

function readUrl(name: string, value: string | null): string | null {
  if (value === null) return null
  if (value === 'urn:ietf:wg:oauth:2.0:oob') return value
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value
  throw new Failure('usage', `--${name} is an address that begins with http:// or https://.`)
}

/** Loopback alone: on any other address somebody else could take the code. */
function checkListenAddress(address: string): string {
  const match = /^(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})$/.exec(address)
  if (match && Number(match[2]) <= 65_535) return address
  throw new Failure(
    'usage',
    `--listen-address is 127.0.0.1:PORT, not "${address}": the sign-in's code must not leave this machine.`,
  )
}
