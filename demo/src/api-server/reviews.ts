import type { IncomingMessage } from 'node:http'
import type { User } from './authentication.ts'
import type { Attributes } from './authorization.ts'
import { now } from './create.ts'
import { readReview } from './decode-body.ts'
import type { ApiResponse, ServerContext } from './request-context.ts'
import type { ResourceRequest } from './request-info.ts'
import { badRequest, fieldError, invalid } from './status.ts'
import type { Untyped } from '../objects.ts'

/** The questions that are answered and not stored; undefined when the request is none of them. */
export function answerReview(
  context: ServerContext,
  info: ResourceRequest,
  user: User,
  request: IncomingMessage,
): Promise<ApiResponse> | undefined {
  if (info.verb !== 'create' || info.version !== 'v1' || info.subresource !== '') return undefined
  if (info.group === 'authorization.k8s.io' && info.plural === 'selfsubjectaccessreviews') {
    return reviewAccess(context, user, request)
  }
  if (info.group === 'authorization.k8s.io' && info.plural === 'selfsubjectrulesreviews') {
    return reviewRules(context, user, request)
  }
  if (info.group === 'authentication.k8s.io' && info.plural === 'selfsubjectreviews') {
    return reviewSelf(user, request)
  }
  return undefined
}

async function reviewAccess(
  { authorizer }: ServerContext,
  user: User,
  request: IncomingMessage,
): Promise<ApiResponse> {
  const { spec = {} } = await readReview(request)
  const { resourceAttributes, nonResourceAttributes } = spec
  if ((resourceAttributes === undefined) === (nonResourceAttributes === undefined)) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    const field = 'spec.resourceAttributes'
    const error = fieldError.invalid(field, resourceAttributes, detail)
    throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', [error])
  }
  const { allowed, reason } = authorizer.decide(user, toAttributes(spec))
  return {
    code: 201,
    body: {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed, ...(reason !== '' && { reason }) },
    },
  }
}

async function reviewRules(
  { authorizer }: ServerContext,
  user: User,
  request: IncomingMessage,
): Promise<ApiResponse> {
  const { spec = {} } = await readReview(request)
  const { namespace = '' } = spec
  if (namespace === '') throw badRequest('no namespace on request')
  return {
    code: 201,
    body: {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: {},
      status: {
        resourceRules: authorizer.rulesFor(user, namespace),
        nonResourceRules: [],
        incomplete: false,
      },
    },
  }
}

async function reviewSelf(user: User, request: IncomingMessage): Promise<ApiResponse> {
  await readReview(request)
  const { username, uid, groups, extra } = user
  return {
    code: 201,
    body: {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: now() },
      status: { userInfo: { username, ...(uid && { uid }), groups, ...(extra && { extra }) } },
    },
  }
}

function toAttributes(spec: Untyped): Attributes {
  if (spec.nonResourceAttributes) {
    const { verb = '', path = '' } = spec.nonResourceAttributes
    return { verb, path }
  }
  const {
    verb = '',
    group = '',
    resource = '',
    subresource = '',
    namespace = '',
    name = '',
  } = spec.resourceAttributes
  return { verb, group, plural: resource, subresource, namespace, name }
}
