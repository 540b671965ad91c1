import type { Flags } from './flag.ts'

const grantTypes = [
  'auto',
  'authcode',
  'authcode-keyboard',
  'device-code',
  'client-credentials',
  'password',
] as const
export type GrantType = (typeof grantTypes)[number]

const storages = ['disk', 'keyring', 'none', 'auto'] as const
export type Storage = (typeof storages)[number]

const providerFlags = {
  'oidc-issuer-url': {
    kind: 'text',
    value: 'URL',
    help: 'The provider, exactly as its tokens name it',
  },
  'oidc-client-id': { kind: 'text', value: 'ID', help: 'The client that the cluster trusts' },
  'oidc-client-secret': {
    kind: 'text',
    value: 'SECRET',
    help: 'Better: the environment variable OIDC_CLIENT_SECRET',
  },
  'oidc-client-secret-from-env': {
    kind: 'switch',
    help: 'Use OIDC_CLIENT_SECRET with --oidc-pkce-method=S256 too',
  },
  'oidc-redirect-url': {
    kind: 'text',
    value: 'URL',
    help: 'The redirect URI to name, where it is not the listening address',
  },
  'oidc-extra-scope': { kind: 'list', value: 'SCOPE', help: 'Scopes beside openid' },
  'oidc-use-access-token': { kind: 'switch', help: 'Hand out the access token, not the ID token' },
  'oidc-request-header': {
    kind: 'pairs',
    value: 'NAME=VALUE',
    help: 'A header of every request to the provider',
  },
  'oidc-pkce-method': {
    kind: 'choice',
    choices: ['auto', 'no', 'S256'],
    default: 'auto',
    help: 'auto is S256',
  },
  'oidc-auth-request-extra-params': {
    kind: 'pairs',
    value: 'NAME=VALUE',
    help: 'Further parameters of the sign-in request',
  },
  'force-refresh': { kind: 'switch', help: 'Get a new token even if the cached one is good' },
} satisfies Flags

const grantFlags = {
  'grant-type': {
    kind: 'choice',
    choices: grantTypes,
    default: 'auto',
    help: 'auto is authcode, or device-code where there is no browser',
  },
  username: { kind: 'text', value: 'NAME', help: 'For grant-type password' },
  password: {
    kind: 'text',
    value: 'PASSWORD',
    help: 'For grant-type password; asked for if missing',
  },
} satisfies Flags

const browserFlags = {
  'listen-address': {
    kind: 'list',
    value: 'ADDRESS',
    default: '127.0.0.1:8000,127.0.0.1:18000',
    help: 'Where the browser comes back to; the first that is free',
  },
  'skip-open-browser': { kind: 'switch', help: 'Print the address instead of opening it' },
  'browser-command': {
    kind: 'text',
    value: 'PROGRAM',
    help: 'Opens the address; it is its one argument',
  },
  'authentication-timeout-sec': {
    kind: 'seconds',
    default: '180',
    help: 'How long a sign-in may take',
  },
  'local-server-cert': { kind: 'text', value: 'FILE', help: 'Serve the redirect over TLS' },
  'local-server-key': { kind: 'text', value: 'FILE', help: 'The key of that certificate' },
  'open-url-after-authentication': {
    kind: 'text',
    value: 'URL',
    help: 'Where the browser goes after the sign-in',
  },
} satisfies Flags

export const cacheFlags = {
  'token-cache-dir': {
    kind: 'text',
    value: 'FOLDER',
    default: '~/.kube/cache/oidc-login',
    help: 'Where tokens are kept',
  },
  'token-cache-storage': {
    kind: 'choice',
    choices: storages,
    default: 'disk',
    help: 'keyring seals the files by a key in the system keyring; auto: keyring, else disk',
  },
} satisfies Flags

export const tlsFlags = {
  'certificate-authority': {
    kind: 'list',
    value: 'FILE',
    help: 'An additional certificate authority for the provider',
  },
  'certificate-authority-data': { kind: 'list', value: 'BASE64', help: 'The same, in place' },
  'insecure-skip-tls-verify': {
    kind: 'switch',
    help: "Do not check the provider's certificate: anybody in between can take the token",
  },
} satisfies Flags

export const commonFlags = {
  v: { kind: 'text', value: 'LEVEL', help: '-v1 says what happens and why' },
  help: { kind: 'switch', help: 'This text' },
} satisfies Flags

export const hubFlags = {
  hub: { kind: 'text', value: 'URL', help: 'A hub, which says how to sign in to --instance' },
  instance: { kind: 'text', value: 'NAME', help: 'What that hub calls the cluster' },
  link: {
    kind: 'text',
    value: 'LINK',
    help: 'Has the hub say so; without it, the environment variable HUB_TOKEN does',
  },
} satisfies Flags

export const signInFlags: Flags = {
  ...providerFlags,
  ...grantFlags,
  ...browserFlags,
  ...cacheFlags,
  ...tlsFlags,
}

/** Of the logging library that kubelogin is built with; -v is taken. */
const loggingFlags = [
  'add_dir_header',
  'alsologtostderr',
  'log_backtrace_at',
  'log_dir',
  'log_file',
  'log_file_max_size',
  'logtostderr',
  'one_output',
  'skip_headers',
  'skip_log_headers',
  'stderrthreshold',
  'vmodule',
] as const

/** What other programs of this kind have and this one does not, with why. */
export const refusedFlags: Readonly<Record<string, string>> = {
  'tls-renegotiation-once':
    'TLS renegotiation is not supported: TLS 1.3 has none. Let the provider ask for no renegotiation.',
  'tls-renegotiation-freely':
    'TLS renegotiation is not supported: TLS 1.3 has none. Let the provider ask for no renegotiation.',
  'oidc-use-pkce': 'Write --oidc-pkce-method=S256; PKCE is used anyway.',
  'listen-port': 'Write --listen-address=127.0.0.1:PORT.',
  'oidc-redirect-url-hostname': 'Write --oidc-redirect-url=http://HOST:PORT.',
  'oidc-redirect-url-authcode-keyboard': 'Write --oidc-redirect-url.',
  'force-keyring': 'Write --token-cache-storage=keyring.',
  'no-keyring': 'Write --token-cache-storage=disk.',
  kubeconfig:
    'Writing tokens into a kubeconfig is not supported: kubectl no longer reads them. Use get-token as an exec plugin; `setup` prints how.',
  context: 'Choose the context with kubectl; this program is called by it.',
  user: 'Choose the user with kubectl; this program is called by it.',
  ...Object.fromEntries(
    loggingFlags.map((name) => [name, 'Messages go to stderr alone; -v1 says more.']),
  ),
}
