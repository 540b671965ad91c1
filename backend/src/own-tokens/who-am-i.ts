import type { ClusterRule, ClusterWhoAmI } from '@hub/shared'
import { findOwnToken, type ClusterInstance, type Instances } from '#clusters'
import type { OwnToken, RequestContext } from '#context'
import { readRecord, readRecords } from '#fleet'
import { requireInstance } from '#instances'
import { ClusterError, kubePath, toAppError } from '#kube'
import { readClaims } from './read-own-token.ts'

type Seen = { username: string; groups: string[] }
type Rules = Pick<ClusterWhoAmI, 'rules' | 'incomplete'>

const timeoutMs = 10_000

/**
 * Asks a cluster with the caller's own token who they are there. That it does not take the token is an answer, no error.
 * Throws what `requireInstance` and `findOwnToken` throw, and what the cluster's failures map to.
 */
export async function whoAmI(
  ctx: RequestContext,
  deps: { instances: Instances },
  { instance: id, namespace }: { instance: string; namespace: string },
): Promise<ClusterWhoAmI> {
  const instance = requireInstance(ctx, deps, id)
  const own = await findOwnToken(ctx, id)
  const known = {
    predicted: own.username,
    tokenEndsAt: own.endsAt.toISOString(),
    namespace,
  }
  try {
    const seen = await reviewSelf(ctx, instance, own)
    const rules = await reviewRules(ctx, instance, own, namespace)
    const sentence = describeKnown(id, own, seen, { ...rules, namespace })
    return { ...known, isKnown: true, sentence, ...seen, ...rules }
  } catch (error) {
    if (!(error instanceof ClusterError && error.status === 401)) {
      throw toAppError(error, { instance: id, ownToken: { bind: null } })
    }
    const sentence = describeUnknown(id, own)
    return {
      ...known,
      isKnown: false,
      sentence,
      username: null,
      groups: [],
      rules: [],
      incomplete: false,
    }
  }
}

/** authentication.k8s.io/v1 SelfSubjectReview. */
async function reviewSelf(
  ctx: RequestContext,
  instance: ClusterInstance,
  own: OwnToken,
): Promise<Seen> {
  const { status } = await review(ctx, instance, own, 'authentication.k8s.io', {
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
  })
  const user = readRecord(status['userInfo'])
  const { username } = user
  return {
    username: typeof username === 'string' ? username : '',
    groups: textsOf(user['groups']),
  }
}

/** authorization.k8s.io/v1 SelfSubjectRulesReview. */
async function reviewRules(
  ctx: RequestContext,
  instance: ClusterInstance,
  own: OwnToken,
  namespace: string,
): Promise<Rules> {
  const { status } = await review(ctx, instance, own, 'authorization.k8s.io', {
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    spec: { namespace },
  })
  return {
    incomplete: status['incomplete'] === true,
    rules: readRecords(status['resourceRules']).map((rule): ClusterRule => ({
      verbs: textsOf(rule['verbs']),
      apiGroups: textsOf(rule['apiGroups']),
      resources: textsOf(rule['resources']),
      resourceNames: textsOf(rule['resourceNames']),
    })),
  }
}

async function review(
  { requestId, signal }: RequestContext,
  { transport }: ClusterInstance,
  { token }: OwnToken,
  group: string,
  { kind, plural, spec }: { kind: string; plural: string; spec?: object },
): Promise<{ status: Record<string, unknown> }> {
  const { body } = await transport.request({
    method: 'POST',
    path: kubePath('apis', group, 'v1', plural),
    body: { apiVersion: `${group}/v1`, kind, ...(spec && { spec }) },
    ownToken: token,
    requestId,
    signal,
    timeoutMs,
  })
  return { status: readRecord(readRecord(body)['status']) }
}

function describeKnown(
  id: string,
  own: OwnToken,
  { username }: Seen,
  { incomplete, namespace, rules }: Rules & { namespace: string },
): string {
  const differs =
    username === own.username
      ? ''
      : ` The OIDC profile says "${own.username}": claim or prefix differ from what its API server has. An administrator of the hub can correct the profile; bindings made for the other name match nobody.`
  const about = `"${id}" knows you as "${username}".${differs}`
  if (rules.some(isOfObjects)) return about
  const more = incomplete ? ' as far as it says' : ''
  const bind = own.describeBinding(namespace)
  const fix =
    bind === null
      ? ' An administrator of that cluster can bind you.'
      : ` An administrator of that cluster can bind you there, such as: ${bind}`
  return `${about} It lets you do nothing in namespace "${namespace}"${more}.${fix}`
}

/** Everybody may ask who they are and what they may. */
function isOfObjects({ apiGroups, resources }: ClusterRule): boolean {
  return (
    !apiGroups.every((group) => /^auth(?:entic|oriz)ation\.k8s\.io$/.test(group)) ||
    resources.some((resource) => !resource.startsWith('selfsubject'))
  )
}

/** Issuer, audience and claim were looked at before: what is left is how its API server was set up, and what it wants besides. */
function describeUnknown(id: string, own: OwnToken): string {
  const claims = readClaims(own.token.reveal())
  if (claims?.['email_verified'] === false && claims['email'] === own.username) {
    return `"${id}" does not take your token: API servers take no e-mail address that is not verified (email_verified is false). Verify it at the identity provider, then sign in again.`
  }
  return `"${id}" does not take your token, though it is what the instance's OIDC profile asks for. Its API server trusts another issuer or client id, names people by another claim, or cannot reach the issuer: an administrator can compare its flags with the profile, and read its log.`
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
