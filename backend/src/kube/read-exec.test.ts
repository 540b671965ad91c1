import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { parseKubeconfig } from './parse-kubeconfig.ts'

const v1 = 'client.authentication.k8s.io/v1'

describe('an exec entry', () => {
  const strict = { allowLoopback: false, allowInsecureTls: false }
  const execPlugins = new Map([['/opt/kubelogin', { args: [], env: [] }]])

  it('is taken for a program that is listed by its absolute path', () => {
    const exec = {
      apiVersion: v1,
      command: '/opt/kubelogin',
      args: ['get-token', '--login', 'workloadidentity'],
      env: [{ name: 'AAD_LOGIN_METHOD', value: 'spn' }],
      provideClusterInfo: true,
    }
    expect(parseKubeconfig(kubeconfig({ exec }), { ...strict, execPlugins })).toMatchObject({
      ok: true,
      credential: { token: null, clientCertificate: null },
      exec: {
        command: '/opt/kubelogin',
        args: exec.args,
        env: { AAD_LOGIN_METHOD: 'spn' },
        apiVersion: v1,
        provideClusterInfo: true,
      },
    })
    expect(parseKubeconfig(kubeconfig({ exec }), strict).ok).toBe(false)
  })

  it.each<[Record<string, unknown>, RegExp]>([
    [{ command: 'aws' }, /allows for other programs only/],
    [{ command: './kubelogin' }, /allows for other programs only/],
    [{ command: '/opt/../opt/kubelogin' }, /allows for other programs only/],
    [{ command: '/opt//kubelogin' }, /allows for other programs only/],
    [{ command: '/opt/kubelogin; touch x' }, /allows for other programs only/],
    [{ command: '/bin/sh', args: ['-c', 'x'] }, /allows for other programs only/],
    [{ command: ['/opt/kubelogin'] }, /names no command/],
    [{ apiVersion: 'client.authentication.k8s.io/v1alpha1' }, /"apiVersion".*unknown/],
    [{ interactiveMode: 'Always' }, /asks for a terminal/],
    [{ args: [{ a: 1 }] }, /"args"/],
    [{ args: ['a\0b'] }, /"args"/],
    [{ args: Array(101).fill('x') }, /"args"/],
    [{ env: [{ name: 'A=B', value: 'x' }] }, /"env"/],
    [{ env: [{ name: 'A', value: 1 }] }, /"env"/],
    [{ env: [{ name: 'LD_PRELOAD', value: '/tmp/x.so' }] }, /sets LD_PRELOAD/],
    [{ env: [{ name: 'PATH', value: '/tmp' }] }, /sets PATH/],
    [{ env: [{ name: 'NODE_OPTIONS', value: '--import /tmp/x' }] }, /sets NODE_OPTIONS/],
    [{ env: [{ name: 'PYTHONSTARTUP', value: '/tmp/x' }] }, /sets PYTHONSTARTUP/],
    [{ env: [{ name: 'KUBERNETES_EXEC_INFO', value: '{}' }] }, /sets KUBERNETES_EXEC_INFO/],
    [{ env: [{ name: 'ANYTHING', value: 'x' }] }, /sets ANYTHING, which is not among those/],
    [{ env: [{ name: 'A', value: 'x'.repeat(4097) }] }, /"env"/],
    [{ args: ['anything'] }, /^The 1st argument of the user's "exec" is not among those/],
  ])('is refused with %j', (change, reason) => {
    const exec = { apiVersion: v1, command: '/opt/kubelogin', ...change }
    const parsed = parseKubeconfig(kubeconfig({ exec }), { ...strict, execPlugins })
    expect(parsed).toMatchObject({ ok: false, reason: expect.stringMatching(reason) as string })
  })

  const ofClouds = new Map(
    ['kubelogin', 'aws', 'aws-iam-authenticator', 'gke-gcloud-auth-plugin', 'oci'].map((name) => [
      `/opt/${name}`,
      { args: [], env: [] },
    ]),
  )
  const judge = (command: string, args: string[], env: Record<string, string> = {}) => {
    const variables = Object.entries(env).map(([name, value]) => ({ name, value }))
    const exec = { apiVersion: v1, command: `/opt/${command}`, args, env: variables }
    return parseKubeconfig(kubeconfig({ exec }), { ...strict, execPlugins: ofClouds })
  }

  it.each<[string, string[], Record<string, string>]>([
    ['kubelogin', ['get-token', '--login', 'msi', '--server-id', '6dae42f8-4368'], {}],
    ['kubelogin', ['get-token', '--tenant-id=contoso.example'], { AZURE_CLIENT_SECRET: 'a~/"b' }],
    ['aws', ['--region', 'eu-1', 'eks', 'get-token', '--cluster-name', 'c', '--output=json'], {}],
    ['aws', ['eks', 'get-token', '--role-arn', 'arn:aws:iam::123:role/hub'], { AWS_PROFILE: 'p' }],
    ['aws-iam-authenticator', ['token', '-i', 'c', '-r', 'arn:aws:iam::123:role/hub'], {}],
    ['gke-gcloud-auth-plugin', [], {}],
    ['oci', ['ce', 'cluster', 'generate-token', '--cluster-id', 'ocid1.cluster.oc1..aaaa'], {}],
  ])('H18: %s is given what its cloud writes: %j', (command, args, env) => {
    expect(judge(command, args, env)).toMatchObject({ ok: true, exec: { args, env } })
  })

  // Each of these runs something else, reads a file, or sends a secret elsewhere.
  it.each([
    'SHELLOPTS',
    'PS4',
    'BASHOPTS',
    'BASH_FUNC_ls',
    'CDPATH',
    'GLOBIGNORE',
    'PROMPT_COMMAND',
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'PATH',
    'HOME',
    'GCONV_PATH',
    'LOCPATH',
    'TMPDIR',
    'PYTHONPATH',
    'CLOUDSDK_PYTHON',
    'CLOUDSDK_CONFIG',
    'NODE_OPTIONS',
    'PERL5OPT',
    'RUBYOPT',
    'JAVA_TOOL_OPTIONS',
    'JDK_JAVA_OPTIONS',
    'GODEBUG',
    'GOTRACEBACK',
    'SSL_CERT_FILE',
    'EDITOR',
    'SSLKEYLOGFILE',
    'OPENSSL_CONF',
    'OPENSSL_MODULES',
    'HTTPS_PROXY',
    'https_proxy',
    'ALL_PROXY',
    'AWS_CONFIG_FILE',
    'AWS_SHARED_CREDENTIALS_FILE',
    'AWS_ENDPOINT_URL',
    'AWS_CA_BUNDLE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_PAGER',
    'AZURE_AUTHORITY_HOST',
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_CONFIG_DIR',
    'PAGER',
    'BROWSER',
    'aws_profile',
    'OCI_CLI_CONFIG_FILE',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'KUBECONFIG',
  ])('H18: no program is given %s', (name) => {
    for (const command of ['kubelogin', 'aws', 'gke-gcloud-auth-plugin', 'oci']) {
      expect(judge(command, [], { [name]: 'x' })).toMatchObject({
        ok: false,
        reason: expect.stringContaining(`sets ${name}, which is not among those`) as string,
      })
    }
  })

  it.each<[string, string[]]>([
    ['aws', ['eks', 'get-token', '--endpoint-url', 'https://evil.example']],
    ['aws', ['eks', 'get-token', '--endpoint-url=https://evil.example']],
    ['aws', ['configure', 'set', 'x']],
    ['aws', ['eks', 'get-token', '--cluster-name', 'file:///etc/passwd']],
    ['aws', ['eks', 'get-token', '--cluster-name=fileb:///etc/passwd']],
    ['aws', ['eks', 'get-token', '--cluster-name', '--endpoint-url']],
    ['aws', ['eks', 'get-token', '--cluster-name']],
    ['aws', ['eks', 'get-token', '--cluster-name', '']],
    ['aws', ['eks', 'get-token', '--region', 'x.evil.example/#']],
    ['aws', ['--region=']],
    ['aws', ['--region', '/etc/passwd']],
    ['aws', ['--profile', '../x']],
    ['aws', ['--profile', 'a/../x']],
    ['aws', ['--cluster-name', '@/etc/passwd']],
    ['kubelogin', ['get-token', '--authority-host', 'https://evil.example']],
    ['kubelogin', ['get-token', '--federated-token-file=/etc/passwd']],
    ['kubelogin', ['get-token', '--token-cache-dir', '/etc']],
    ['kubelogin', ['get-token', '-v', '9']],
    ['kubelogin', ['convert-kubeconfig']],
    ['oci', ['--config-file', '/tmp/x']],
    ['gke-gcloud-auth-plugin', ['--help']],
    ['gke-gcloud-auth-plugin', ['--', 'x']],
  ])('H18: %s is not given %j', (command, args) => {
    expect(judge(command, args).ok).toBe(false)
  })

  it('H18: another program is given what the operator allows, and nothing else', () => {
    const mine = new Map([
      ['/opt/mine', { args: ['token', '--cluster=', '--url=https://id.example'], env: ['REGION'] }],
    ])
    const ask = (args: string[], env: { name: string; value: string }[] = []) =>
      parseKubeconfig(kubeconfig({ exec: { apiVersion: v1, command: '/opt/mine', args, env } }), {
        ...strict,
        execPlugins: mine,
      }).ok
    expect(ask(['token', '--cluster', 'c', '--url=https://id.example'])).toBe(true)
    expect(ask(['--cluster=c'], [{ name: 'REGION', value: 'eu' }])).toBe(true)
    expect(ask(['--url=https://evil.example'])).toBe(false)
    expect(ask(['--url', 'https://id.example'])).toBe(false)
    expect(ask(['--cluster='])).toBe(false)
    expect(ask(['tokens'])).toBe(false)
    expect(ask([], [{ name: 'region', value: 'eu' }])).toBe(false)
  })

  it('is refused beside a token, and where auth-provider stands too', () => {
    const exec = { apiVersion: v1, command: '/opt/kubelogin' }
    const beside = { ...strict, execPlugins }
    expect(parseKubeconfig(kubeconfig({ exec, token: 't' }), beside)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/has a token or client certificate as well/) as string,
    })
    const provider = { 'auth-provider': { name: 'gcp' }, exec }
    expect(parseKubeconfig(kubeconfig(provider), beside)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('auth-provider') as string,
    })
  })
})

function kubeconfig(user: Record<string, unknown>): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://cluster.example:6443' } }],
    users: [{ name: 'u', user }],
  })
}
