import type { InstanceState } from '@hub/shared'
import { apiVersion, startingError, toAppError, type ClusterErrorKind } from '#kube'
import type { Probe } from './watch-health.ts'

const states: Partial<Record<ClusterErrorKind, InstanceState>> = {
  unauthorized: 'unauthorized',
  // The cluster answers, so what is known of it stays good; something in it does not work.
  forbidden: 'degraded',
  throttled: 'degraded',
  server: 'degraded',
  'no-descriptor': 'degraded',
  starting: 'degraded',
}

/** What a probe says about an instance, and what else does not work there, with the reason in sentences for people. */
export function describeHealth(
  id: string,
  probe: Probe,
  trouble: string | null,
): { state: InstanceState; reason: string | null } {
  if (probe.isUnsettled) {
    return {
      state: 'degraded',
      reason: toAppError(startingError(probe.error), { instance: id }).detail,
    }
  }
  if (probe.error) {
    return {
      state: states[probe.error.kind] ?? 'unreachable',
      reason: toAppError(probe.error, { instance: id }).detail,
    }
  }
  const { apiGroup, otherVersions } = probe.facts
  if (apiGroup === null && otherVersions.length > 0) {
    return {
      state: 'no-crd',
      reason: `Instance "${id}" has AI Runway in version ${otherVersions.join(' and ')}, which this hub does not know: it knows ${apiVersion}. Update the hub, or have AI Runway serve ${apiVersion} there as well.`,
    }
  }
  if (apiGroup === null) {
    return {
      state: 'no-crd',
      reason: `AI Runway is not installed on instance "${id}": it serves no ModelDeployments. Install AI Runway there, and the instance becomes ready on its own.`,
    }
  }
  if (trouble !== null) return { state: 'degraded', reason: trouble }
  return { state: 'ready', reason: null }
}

/** Of a cluster that was well, and has not answered for some seconds. */
export function describeSilence(id: string): { state: InstanceState; reason: string } {
  return {
    state: 'degraded',
    reason: `Instance "${id}" has not responded for some seconds. You see its last known state; the hub keeps trying.`,
  }
}
