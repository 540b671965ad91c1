import { describe, expect, test } from 'vitest'
import { runKubeconfigJob, type FileContent } from './kubeconfig-job.ts'
import type { KubeconfigPolicy } from './kubeconfig-policy.ts'
import { parseKubeconfig } from './parse-kubeconfig.ts'
import { describeUnopened } from './refusal.ts'

const policy: KubeconfigPolicy = {
  allowLoopback: false,
  allowInsecureTls: true,
  execPlugins: 'any',
}
const textOf = (user: Record<string, unknown>, cluster: Record<string, unknown> = {}) =>
  JSON.stringify({
    'current-context': 'x',
    clusters: [{ name: 'c', cluster: { server: 'https://cluster.example', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'x', context: { cluster: 'c', user: 'u', namespace: 'ml-team' } },
      { name: 'other', context: {} },
    ],
  })
const parse = (text: string, files: Record<string, FileContent> = {}) =>
  runKubeconfigJob({ type: 'parse', text, policy, files: new Map(Object.entries(files)) })

describe('a kubeconfig', () => {
  test('is cluster, user and context in one, with what each of them warns of', () => {
    const cluster = { 'insecure-skip-tls-verify': true }
    expect(parse(textOf({ token: 't', as: 'root' }, cluster))).toEqual({
      ok: true,
      credential: {
        server: 'https://cluster.example',
        ca: null,
        tlsServerName: null,
        proxyUrl: null,
        verifyTls: false,
        token: 't',
        clientCertificate: null,
      },
      exec: null,
      isTokenRenewed: false,
      namespace: 'ml-team',
      warnings: [
        'Only the current context "x" is used; ignored: other.',
        'The server\'s certificate is not checked ("insecure-skip-tls-verify").',
        'Impersonation in the kubeconfig is ignored: as.',
      ],
    })
  })

  test('that runs a program is taken with it', () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'login' }
    expect(parse(textOf({ exec }))).toMatchObject({
      ok: true,
      exec: { command: 'login' },
      isTokenRenewed: true,
    })
  })

  test('that is refused says why and what to do', () => {
    expect(parse('')).toMatchObject({
      ok: false,
      reason: 'The file is empty.',
      fix: expect.stringMatching(/^Copy a kubeconfig/) as string,
    })
  })

  test('opens no file where nobody opens files', () => {
    expect(parseKubeconfig(textOf({ tokenFile: '/t' }), policy)).toEqual({
      ok: false,
      ...describeUnopened('tokenFile'),
    })
  })

  test('hides no fault of whoever reads the files that it names', () => {
    const fault = new Error('disk')
    expect(() =>
      parseKubeconfig(textOf({ tokenFile: '/t' }), policy, () => {
        throw fault
      }),
    ).toThrow(fault)
  })
})

describe('files that a kubeconfig names', () => {
  const text = textOf({ tokenFile: '/t' }, { 'certificate-authority': '/ca' })

  test('are asked for one by one, and none twice', () => {
    expect(parse(text)).toEqual({ needed: { path: '/ca', field: 'certificate-authority' } })
    expect(parse(textOf({ tokenFile: '/t' }))).toEqual({
      needed: { path: '/t', field: 'tokenFile' },
    })
    expect(parse(textOf({ tokenFile: '/t' }), { '/t': { text: ' t\n' } })).toMatchObject({
      ok: true,
      credential: { token: 't' },
    })
  })

  test('are looked for without hiding a fault of that', () => {
    const fault = new Error('disk')
    const files = new Map<string, FileContent>()
    files.get = () => {
      throw fault
    }
    const job = { type: 'parse', text, policy, files } as const
    expect(() => runKubeconfigJob(job)).toThrow(fault)
  })

  test('that cannot be read are said to be that, as whoever looked says it', () => {
    const why = { reason: 'It is away.', fix: 'Bring it.' }
    expect(parse(text, { '/ca': why })).toEqual({ ok: false, ...why })
  })
})

test('contexts are split by the same door', () => {
  const files = [{ path: '/home/a/config', text: textOf({ token: 't' }) }]
  expect(runKubeconfigJob({ type: 'split', files }).contexts.map(({ name }) => name)).toEqual([
    'x',
    'other',
  ])
})
