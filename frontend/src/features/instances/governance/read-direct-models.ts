import type { InstancePolicyInput } from '@hub/shared'
import { readFieldErrors, type FieldErrors } from '../../../lib/api/field-errors.ts'
import { isProblem } from '../../../lib/api/problem.ts'
import type { DirectModelsText } from './direct-models-fields.tsx'
import { readLines } from './policy-words.ts'

type DirectModels = InstancePolicyInput['directModels']

export function writeDirectModels(policy: DirectModels): DirectModelsText {
  return {
    isOn: policy !== null,
    url: policy?.url ?? '',
    hosts: (policy?.hosts ?? []).join('\n'),
    certificateAuthority: policy?.certificateAuthority ?? '',
  }
}

/** What is meant by the fields, or what is missing in them. */
export function readDirectModels({
  certificateAuthority,
  hosts,
  isOn,
  url,
}: DirectModelsText): { read: DirectModels } | { errors: FieldErrors } {
  if (!isOn) return { read: null }
  const lines = readLines(hosts)
  const authority = certificateAuthority.trim()
  if (url.trim() !== '' && lines !== null) {
    return {
      read: {
        url: url.trim(),
        hosts: lines,
        certificateAuthority: authority === '' ? null : authority,
      },
    }
  }
  return {
    errors: {
      ...(url.trim() === '' && { 'directModels.url': 'Where are its models?' }),
      ...(lines === null && { 'directModels.hosts': 'Name at least one that it may lead to.' }),
    },
  }
}

/** What the hub says of the three fields, at each of them. */
export function placePolicyErrors(error: unknown): FieldErrors {
  const placed: Record<string, string> = { ...readFieldErrors(error) }
  if (!isProblem(error)) return placed
  for (const { detail, pointer } of error.errors) {
    const field = /^\/directModels\/(url|hosts|certificateAuthority)/.exec(pointer)?.[1]
    if (field !== undefined) placed[`directModels.${field}`] ??= detail
  }
  return placed
}
