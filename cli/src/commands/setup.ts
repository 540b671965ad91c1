import type { Entry } from '../cache/entry.ts'
import { Failure } from '../failure.ts'
import { readOptions, type Options } from '../flags/options.ts'
import { readClaims, type Claims } from '../sign-in/claims.ts'
import { discoverProvider } from '../sign-in/provider.ts'
import { checkPerson, signIn } from '../sign-in/sign-in.ts'
import { quote } from '../quote.ts'
import type { Command, CommandContext } from './command.ts'

/** Signs in once, keeps nothing, and prints what the token says and the commands that follow from it. */
export const runSetup: Command = async ({ env, log, print, program, values }) => {
  const options = readOptions(values, env)
  const provider = await discoverProvider(options, log)
  await checkPerson({ env, options, provider })
  const entry = await signIn({ env, log, options, provider })
  const claims = readClaims(entry.token)
  if (claims === null) {
    throw new Failure('bad-token', 'The token is not a JWT: a cluster cannot read it.')
  }
  const secretArgument = options.provider.clientSecret === null ? [] : secretArguments(options)
  const args = [...givenArguments(values, options), ...secretArgument]
  print(describe(options, entry, claims, { args, program }))
}

function describe(
  { provider }: Options,
  entry: Entry,
  claims: Claims,
  { args, program }: { args: readonly string[]; program: string },
): string {
  const plugin = program.replace(/^kubectl /, '')
  const lines = [
    'You are signed in. The token says:',
    JSON.stringify(claims, null, 2),
    '',
    'The cluster knows you by one of these names, whichever claim it reads:',
    ...describeNames(provider.issuer, claims),
    '',
    '# The API server trusts the issuer with these flags, and knows you by sub:',
    `--oidc-issuer-url=${provider.issuer}`,
    `--oidc-client-id=${provider.clientId}`,
    '--oidc-username-claim=sub',
    '--oidc-groups-claim=groups',
    '',
    '# An administrator gives that name a role, for example:',
    `kubectl create clusterrolebinding oidc-cluster-admin --clusterrole=cluster-admin --user=${quote(`${provider.issuer}#${String(claims['sub'])}`)}`,
    '',
    '# kubectl signs in with:',
    'kubectl config set-credentials oidc \\',
    '  --exec-api-version=client.authentication.k8s.io/v1 \\',
    '  --exec-interactive-mode=IfAvailable \\',
    '  --exec-command=kubectl \\',
    ...[plugin, 'get-token', ...args].map(
      (arg, index, all) => `  --exec-arg=${quote(arg)}${index < all.length - 1 ? ' \\' : ''}`,
    ),
  ]
  if (entry.refreshToken === null) {
    lines.push('', '# The provider gave no refresh token: you sign in again whenever a token ends.')
  }
  if (provider.clientSecret !== null) {
    lines.push(
      '',
      '# The secret stays out of the kubeconfig: export OIDC_CLIENT_SECRET before kubectl.',
    )
  }
  lines.push(
    '',
    '# Where ~/.kube/kuberc says credentialPluginPolicy: Allowlist, allow this program there:',
    '# credentialPluginAllowlist:',
    '#   - name: kubectl',
  )
  return lines.join('\n')
}

function describeNames(issuer: string, claims: Claims): string[] {
  const names: string[] = []
  const { email, email_verified: isVerified, preferred_username: name, sub } = claims
  if (typeof email === 'string') {
    const warning = isVerified === false ? '   (refused: email_verified is false)' : ''
    names.push(`  email               ${email}${warning}`)
  }
  if (typeof name === 'string') names.push(`  preferred_username  ${issuer}#${name}`)
  if (typeof sub === 'string') names.push(`  sub                 ${issuer}#${sub}`)
  return names
}

/** What was said and makes another token, as the kubeconfig needs it; never a secret. */
function givenArguments(values: CommandContext['values'], options: Options): string[] {
  const { grant, provider } = options
  const text = (name: string, fallback: string | null = null) => {
    const value = values.text(name)
    return value === null || value === fallback ? [] : [`--${name}=${value}`]
  }
  const isOn = (name: string) => (values.isOn(name) ? [`--${name}`] : [])
  const scopes = provider.scopes.filter((scope) => scope !== 'openid')
  return [
    `--oidc-issuer-url=${provider.issuer}`,
    `--oidc-client-id=${provider.clientId}`,
    ...scopes.map((scope) => `--oidc-extra-scope=${scope}`),
    ...text('oidc-redirect-url'),
    ...isOn('oidc-use-access-token'),
    ...Object.entries(provider.headers).map(
      ([name, value]) => `--oidc-request-header=${name}=${value}`,
    ),
    ...text('oidc-pkce-method', 'auto'),
    ...Object.entries(provider.extraParameters).map(
      ([name, value]) => `--oidc-auth-request-extra-params=${name}=${value}`,
    ),
    ...(grant.type === 'auto' ? [] : [`--grant-type=${grant.type}`]),
    ...text('username'),
    ...(values.list('listen-address').join() === '127.0.0.1:8000,127.0.0.1:18000'
      ? []
      : values.list('listen-address').map((address) => `--listen-address=${address}`)),
    ...isOn('skip-open-browser'),
    ...text('browser-command'),
    ...text('authentication-timeout-sec', '180'),
    ...text('token-cache-dir', '~/.kube/cache/oidc-login'),
    ...text('token-cache-storage', 'disk'),
    ...values.list('certificate-authority').map((path) => `--certificate-authority=${path}`),
    ...values
      .list('certificate-authority-data')
      .map((data) => `--certificate-authority-data=${data}`),
    ...isOn('insecure-skip-tls-verify'),
  ]
}

/** With PKCE by name the variable counts only when that is said. */
function secretArguments({ provider }: Options): string[] {
  return provider.pkce === 'S256' ? ['--oidc-client-secret-from-env'] : []
}
