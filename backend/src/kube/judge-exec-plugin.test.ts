import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { parseKubeconfig } from './parse-kubeconfig.ts'
import { judgeExecPlugin, type ExecPlugins } from './judge-exec-plugin.ts'
import { Refusal } from './refusal.ts'

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

describe('judgeExecPlugin', () => {
  const command = '/opt/mine'
  const mine: ExecPlugins = new Map([
    [command, { args: ['a', '-a', '--cluster=', '-c=', 'word='], env: ['A', '_a9'] }],
  ])
  const read = (
    exec: Record<string, unknown>,
    plugins: ExecPlugins | 'any' | undefined = mine,
    folders?: readonly string[],
  ) => judgeExecPlugin({ apiVersion: v1, command, ...exec }, plugins, folders)
  const refusalOf = (...args: Parameters<typeof read>) => {
    try {
      read(...args)
      return null
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  it.each([undefined, null, ''])('%j asks for no program', (exec) => {
    expect(judgeExecPlugin(exec, mine)).toBeNull()
  })

  it.each(['login', [], 7, {}, { command: '' }, { command: 7 }])('%j names none', (exec) => {
    for (const plugins of [mine, 'any', undefined] as const) {
      expect(() => judgeExecPlugin(exec, plugins)).toThrow('names no command')
    }
  })

  it('says whether other programs are allowed', () => {
    const other = { command: '/opt/other' }
    expect(refusalOf(other)?.message).toMatch(/which the hub allows for other programs only\.$/)
    for (const plugins of [undefined, new Map()]) {
      expect(() => judgeExecPlugin({ apiVersion: v1, ...other }, plugins)).toThrow(
        /which the hub does not\.$/,
      )
    }
  })

  it('runs anything with anything where kubectl may, and still reads it', () => {
    const exec = {
      command: 'login',
      args: ['--any', '/path'],
      env: [{ name: 'HOME', value: '/root' }],
    }
    expect(read(exec, 'any')).toEqual({
      command: 'login',
      args: exec.args,
      env: { HOME: '/root' },
      apiVersion: v1,
      provideClusterInfo: false,
    })
    expect(refusalOf({ ...exec, args: [7] }, 'any')?.message).toMatch(/"args"/)
  })

  it.each([true, false, 'true', 1, undefined])(
    'tells of the cluster only for true: %j',
    (asked) => {
      expect(read({ provideClusterInfo: asked })?.provideClusterInfo).toBe(asked === true)
    },
  )

  it.each(['Never', 'IfAvailable', undefined])('needs no terminal for %j', (interactiveMode) => {
    expect(refusalOf({ interactiveMode })).toBeNull()
  })

  it('looks for a bare name in the folders of the PATH, in their order', () => {
    const two: ExecPlugins = new Map(['/b/mine', '/a/mine'].map((path) => [path, noRules]))
    const found = (folders?: readonly string[]) => read({ command: 'mine' }, two, folders)?.command
    expect(found(['/a', '/b'])).toBe('/a/mine')
    expect(found(['/c', '/b//', '/a'])).toBe('/b/mine')
    expect(found(['/c'])).toBe('/b/mine')
    expect(found()).toBe('/b/mine')
  })

  it.each([
    [['a', '-a'], null],
    [['--cluster', 'x', 'a'], null],
    [['--cluster=x', '-c', 'y'], null],
    [['--cluster', 'x', 'b'], /^The 3rd argument/],
    [['b'], /^The 1st argument/],
    [['a', 'b'], /^The 2nd argument/],
    [['--cluster=x=y'], null],
    // What takes a value is no word of its own, whatever it looks like.
    [['--cluster='], /^The value of "--cluster"/],
    [['word='], /^The 1st argument/],
    [['word', 'x'], /^The 1st argument/],
    [['-a=x'], /^The 1st argument/],
    [['-'], /^The 1st argument/],
    [['='], /^The 1st argument/],
    [['-=x'], /^The 1st argument/],
    [['-c'], /^The value of "-c"/],
    [['-c', '--cluster', 'x'], /^The value of "-c"/],
    [['a', 'a', 'a', 'b'], /^The 4th argument/],
  ])('H18: judges each of %j', (args, reason) => {
    const refusal = refusalOf({ args })
    expect(refusal?.message ?? 'taken').toMatch(reason ?? /^taken$/)
  })

  it.each([
    [11, '11th'],
    [12, '12th'],
    [13, '13th'],
    [20, '20th'],
    [21, '21st'],
    [22, '22nd'],
    [23, '23rd'],
    [24, '24th'],
  ])('counts to %i', (at, ordinal) => {
    const args = [...Array<string>(at - 1).fill('a'), 'b']
    expect(refusalOf({ args })?.message).toMatch(`The ${ordinal} argument`)
  })

  it.each([
    'a',
    '0',
    '_',
    'a.b',
    'a:b',
    'a/b',
    'a@b',
    'a+b=c-d',
    'profile:a',
    'a..b',
    'a'.repeat(1024),
  ])('H18: %s is a plain value', (value) => expect(refusalOf({ args: ['-c', value] })).toBeNull())

  it.each([
    '.a',
    '/a',
    '-a',
    '@a',
    'a b',
    'a\nb',
    'a;b',
    'a$b',
    'a/..',
    'a/../b',
    'http://a',
    'a://b',
    'file:a',
    'FILE:a',
    'a'.repeat(1025),
  ])('H18: %j is none', (value) => {
    expect(refusalOf({ args: ['-c', value] })?.message).toMatch(/is not a plain name, id or ARN/)
  })

  it('takes 100 arguments of 4096 characters each', () => {
    expect(read({ args: 'a' })?.args).toEqual(['a'])
    expect(read({ args: null })?.args).toEqual([])
    expect(refusalOf({ args: Array(100).fill('a') })).toBeNull()
    expect(refusalOf({ args: Array(101).fill('a') })?.message).toMatch(/are not a list of strings/)
    expect(refusalOf({ args: ['x'.repeat(4096)] }, 'any')).toBeNull()
    expect(refusalOf({ args: ['x'.repeat(4097)] }, 'any')?.message).toMatch(/not a list of strings/)
    expect(refusalOf({ args: ['a', 7] })?.message).toMatch(/are not a list of strings/)
  })

  it('takes 100 variables of 4096 characters each', () => {
    const variables = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ name: `A${at}`, value: 'x' }))
    expect(read({ env: { name: '_a9', value: 'x' } })?.env).toEqual({ _a9: 'x' })
    expect(read({ env: null })?.env).toEqual({})
    expect(Object.keys(read({ env: variables(100) }, 'any')!.env)).toHaveLength(100)
    expect(refusalOf({ env: variables(101) }, 'any')?.message).toMatch(/not a list of names/)
    expect(refusalOf({ env: [{ name: 'A', value: 'x'.repeat(4096) }] })).toBeNull()
    expect(refusalOf({ env: [{ name: 'a'.repeat(128), value: '' }] }, 'any')).toBeNull()
  })

  it.each([
    null,
    'A=x',
    { value: 'x' },
    { name: 'A' },
    { name: 7, value: 'x' },
    { name: 'A', value: 'x'.repeat(4097) },
    { name: 'A', value: 'a\u0000b' },
    { name: '', value: 'x' },
    { name: '9A', value: 'x' },
    { name: ' A', value: 'x' },
    { name: 'A ', value: 'x' },
    { name: 'A-B', value: 'x' },
    { name: 'a'.repeat(129), value: 'x' },
  ])('%j is no variable, among others that are', (variable) => {
    const env = [{ name: 'A', value: 'x' }, variable]
    expect(refusalOf({ env }, 'any')?.message).toMatch(/is not a list of names and values/)
  })
})

const noRules = { args: [], env: [] }

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
