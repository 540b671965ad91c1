import type { ServiceBackends } from '../model-server/answer-as-model.ts'
import type { IncomingMessage } from 'node:http'
import type { Admission } from './admission.ts'
import type { User } from './authentication.ts'
import type { Authorizer } from './authorization.ts'
import type { FieldValidation } from './decode-body.ts'
import type { PodLogs } from './pod-logs.ts'
import type { Registry } from './registry.ts'
import type { ResourceRequest } from './request-info.ts'
import type { Resource } from './resource.ts'
import type { ServiceAccountTokens } from './service-account-tokens.ts'
import { badRequest, fieldError, invalid } from './status.ts'
import type { Storage } from './storage.ts'

/** What the parts of the server share. */
export type ServerContext = {
  readonly storage: Storage
  readonly registry: Registry
  readonly authorizer: Authorizer
  readonly admission: Admission
  readonly tokens: ServiceAccountTokens
  readonly bookmarkIntervalMs: number
  readonly podLogs: PodLogs
  readonly serviceBackends: ServiceBackends
  /** Whether models are asked by others too. */
  readonly hasTraffic: boolean
}

/** An authorized request for a resource that is served. */
export type ResourceContext = ServerContext & {
  readonly request: IncomingMessage
  readonly info: ResourceRequest
  readonly resource: Resource
  /** Where the objects lie: empty for cluster-scoped resources and for all namespaces at once. */
  readonly namespace: string
  readonly user: User
}

/** `body` is an object, or JSON that is already text. */
export type ApiResponse = { code: number; body: object | string; warnings?: readonly string[] }

export type WriteOptions = { dryRun: boolean; fieldValidation: FieldValidation }

export function readWriteOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions',
): WriteOptions {
  const fieldValidation = query.get('fieldValidation') || 'Warn'
  const dryRun = query.getAll('dryRun').filter((value) => value !== '')
  const errors = []
  if (dryRun.some((value) => value !== 'All')) {
    errors.push(fieldError.unsupported('dryRun', dryRun, ['All']))
  }
  if (!['Ignore', 'Strict', 'Warn'].includes(fieldValidation)) {
    const supported = ['', 'Ignore', 'Strict', 'Warn']
    errors.push(fieldError.unsupported('fieldValidation', fieldValidation, supported))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
  return { dryRun: dryRun.length > 0, fieldValidation: fieldValidation as FieldValidation }
}

export function readInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^-?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return Number(text)
}
