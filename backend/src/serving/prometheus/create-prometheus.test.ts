import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority, issueServerCertificate } from '@hub/demo'
import { expect, onTestFinished, test } from 'vitest'
import type { PrometheusConfig } from '#config'
import { systemTiming } from '#kube'
import { contextOf } from '../../../test/contexts.ts'
import { startJsonServer } from '../../../test/json-server.ts'
import { reachInstance } from '../../../test/pretend-instance.ts'
import { nowhere } from '../../../test/kubeconfigs.ts'
import { createPrometheus } from './create-prometheus.ts'

/** Asks the Prometheus of each instance about deployments of its own. */
function startAsking(configs: Record<string, PrometheusConfig>) {
  const prometheus = createPrometheus({
    instances: reachInstance(nowhere()),
    configs: new Map(Object.entries(configs)),
    addresses: { allowLoopback: true },
    timing: systemTiming,
  })
  onTestFinished(() => prometheus.close())
  return (instance: string, name: string) => {
    const deployment = { instance, namespace: 'team', name, others: [], engine: null }
    return prometheus.ask(contextOf([]), deployment, 900)
  }
}

test('instances that share a Prometheus are each asked with their own token, or none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-prometheus-'))
  const server = await startJsonServer(() => ({ body: {} }))
  const configOf = (token: string | null): PrometheusConfig => {
    const tokenFile = token === null ? null : join(folder, token)
    if (tokenFile !== null) writeFileSync(tokenFile, token!)
    const at = { type: 'url', url: server.origin, tokenFile, caFile: null } as const
    return { at, namespaceLabel: 'namespace', podLabel: 'pod', labels: new Map() }
  }
  const ask = startAsking({
    open: configOf(null),
    east: configOf('of-east'),
    west: configOf('of-west'),
  })
  onTestFinished(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  for (const name of ['one', 'two']) {
    for (const instance of ['open', 'east', 'west']) await ask(instance, name)
  }
  const round = [undefined, 'Bearer of-east', 'Bearer of-west']
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([...round, ...round])
})

test('one behind an authority of its own is asked with the file of it, which may be renewed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-prometheus-'))
  const caFile = join(folder, 'ca.pem')
  const authority = await createCertificateAuthority('prometheus')
  const other = await createCertificateAuthority('another')
  const tls = await issueServerCertificate(authority)
  const server = await startJsonServer(() => ({ status: 422, body: { error: 'it answers' } }), {
    tls,
  })
  const at = { type: 'url', url: server.origin, tokenFile: null } as const
  const series = { namespaceLabel: 'namespace', podLabel: 'pod', labels: new Map() }
  const ask = startAsking({
    east: { ...series, at: { ...at, caFile } },
    west: { ...series, at: { ...at, caFile: null } },
  })
  onTestFinished(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  const untrusted = 'Its Prometheus has a certificate that no CA trusted for it has signed.'
  const said = 'Its Prometheus answered with status 422: it answers'
  for (const [content, fault] of [
    [null, /its certificate authority cannot be read/],
    ['prometheus', /its certificate authority must be certificates in PEM/],
    [authority.privateKey, /its certificate authority holds a private key/],
    [other.certificate, untrusted],
    [authority.certificate, said],
    [other.certificate, untrusted],
    [other.certificate + authority.certificate, said],
  ] as const) {
    if (content !== null) writeFileSync(caFile, content)
    expect(await ask('east', 'qwen')).toEqual({ fault: expect.stringMatching(fault) as string })
  }
  expect(await ask('west', 'qwen')).toEqual({ fault: untrusted })
})
