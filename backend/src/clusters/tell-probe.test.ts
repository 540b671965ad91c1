import { describe, expect, it } from 'vitest'
import { ClusterError, type ClusterFacts, type Transport } from '#kube'
import { placeOf } from './cluster-identities.ts'
import type { ClusterInstance } from './cluster-instance.ts'
import type { GoodCredential } from './credentials-directory.ts'
import { nowhere } from '../../test/kubeconfigs.ts'
import { tellProbe } from './tell-probe.ts'
import type { Probe } from './watch-health.ts'

const now = new Date('2026-01-02T00:00:00.000Z')
const at = now.toISOString()
const before = '2026-01-01T00:00:00.000Z'
const facts: ClusterFacts = {
  kubernetesVersion: 'v1.36.3',
  apiGroup: 'airunway.ai',
  otherVersions: [],
  uid: 'uid-1',
}
const well: Probe = { facts, error: null, isUnsettled: false }
const plain = { isResting: false, isUnanswered: false, now }

describe('tellProbe', () => {
  it('tells what a cluster says of itself, and since when it is so', () => {
    expect(tellProbe(entry(), well, plain)).toMatchObject({
      status: { state: 'ready', reason: null, since: at, lastSeenAt: at },
      kubernetesVersion: 'v1.36.3',
      apiGroup: 'airunway.ai',
      clusterUid: 'uid-1',
      clusterIdentity: 'uid-1',
      warnings: [],
    })
    const same = entry({
      status: { state: 'ready', reason: null, since: before, lastSeenAt: before },
    })
    expect(tellProbe(same, well, plain).status).toMatchObject({ since: before, lastSeenAt: at })
  })

  it('knows a cluster by its place where it does not tell its uid, and warns of that', () => {
    const told = tellProbe(entry(), { ...well, facts: { ...facts, uid: null } }, plain)
    expect(told).toMatchObject({ clusterUid: null, clusterIdentity: placeOf(nowhere()) })
    expect(told.warnings).toEqual([expect.stringContaining('kube-system')])
  })

  it('warns of deployments in the former group, which nobody sees beside those of the newer one', () => {
    const told = tellProbe(entry(), { ...well, facts: { ...facts, former: 3 } }, plain)
    expect(told.status.state).toBe('ready')
    expect(told.warnings).toEqual([
      expect.stringMatching(
        /^The cluster has 3 deployments in .* kubeairunway\.ai, which the hub does not show/,
      ),
    ])
  })

  it('says so where AI Runway is there in a version that the hub does not know', () => {
    const newer = { ...facts, apiGroup: null, otherVersions: ['v1beta1', 'v1'] }
    expect(tellProbe(entry(), { ...well, facts: newer }, plain).status).toMatchObject({
      state: 'no-crd',
      reason: expect.stringMatching(
        /in version v1beta1 and v1, .* it knows v1alpha1\. Update the hub/,
      ),
    })
  })

  it('lets nothing be read where another cluster may stand behind the name', () => {
    const resting = { ...plain, isResting: true }
    expect(tellProbe(entry(), well, resting)).toMatchObject({
      status: { state: 'degraded', reason: expect.stringContaining('a different cluster') },
      apiGroup: null,
    })
    const unanswered = tellProbe(entry(), well, { ...resting, isUnanswered: true })
    expect(unanswered.status.reason).toContain('could not be checked')
  })

  it('keeps what is known of a cluster that nobody answers for, and when it was last seen', () => {
    const error = new ClusterError('refused', { message: 'refused the connection' })
    const known = entry({
      apiGroup: 'airunway.ai',
      clusterUid: 'uid-1',
      status: { state: 'ready', reason: null, since: before, lastSeenAt: before },
    })
    expect(tellProbe(known, { facts: null, error, isUnsettled: false }, plain)).toMatchObject({
      status: { state: 'unreachable', since: at, lastSeenAt: before },
      apiGroup: 'airunway.ai',
      clusterUid: 'uid-1',
    })
  })

  it('takes a cluster that is starting for what it was, once it says which it is', () => {
    const starting = (uid: string | null): Probe => ({
      facts: { ...facts, apiGroup: null, uid },
      error: null,
      isUnsettled: true,
    })
    const known = { ...entry(), settled: { apiGroup: 'airunway.ai', uid: 'uid-1' } as const }
    expect(tellProbe(known, starting('uid-1'), plain)).toMatchObject({ apiGroup: 'airunway.ai' })
    expect(tellProbe(known, starting(null), plain)).toMatchObject({
      apiGroup: null,
      clusterUid: 'uid-1',
    })
  })

  it('says all that does not work on a cluster that answers', () => {
    const troubled = { ...entry(), trouble: 'Pods cannot be read.', peopleTrouble: 'Nobody may.' }
    expect(tellProbe(troubled, well, plain).status).toMatchObject({
      state: 'degraded',
      reason: 'Pods cannot be read. Nobody may.',
    })
  })
})

function entry(known: Partial<ClusterInstance> = {}) {
  const good: GoodCredential = {
    credential: nowhere(),
    namespace: null,
    warnings: [],
    lifetimes: [],
    isTokenRenewed: false,
  }
  const instance: ClusterInstance = {
    id: 'prod',
    status: { state: 'connecting', reason: null, since: before, lastSeenAt: null },
    accessMode: 'service',
    rights: 'both',
    kubernetesVersion: null,
    apiGroup: null,
    clusterUid: null,
    clusterIdentity: null,
    endpoint: null,
    contextNamespace: null,
    warnings: [],
    transport: {} as Transport,
    ...known,
  }
  return { instance, good, settled: null, trouble: null, peopleTrouble: null }
}
