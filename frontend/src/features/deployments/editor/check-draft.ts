import {
  toPointer,
  CreateDeploymentInput,
  DeploymentPatch,
  NamespaceName,
  type FieldError,
} from '@hub/shared'
import type { Draft } from './draft.ts'

const kind = 'ModelDeployment'
const groups = ['airunway.ai', 'kubeairunway.ai']
const metadataFields = new Set(['name', 'namespace', 'labels', 'annotations'])

/** The request that a draft comes to, and what is wrong with it, in the words of the contract's own schemas. */
export function readCreate(
  draft: Draft,
  template?: string,
): { input: CreateDeploymentInput; errors: [] } | { input: null; errors: FieldError[] } {
  const { metadata, spec } = draft
  const { annotations, labels, name = '', namespace = '' } = metadata
  const parsed = CreateDeploymentInput.safeParse({
    name,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(template !== undefined && { template }),
    spec,
  })
  const errors = [
    ...checkFrame(draft),
    ...checkNamespace(namespace),
    ...(parsed.success ? [] : listIssues(parsed.error.issues).map(fromCreate)),
  ]
  if (!parsed.success || errors.length > 0) return { input: null, errors }
  return { input: parsed.data, errors: [] }
}

function checkNamespace(namespace: string): FieldError[] {
  const pointer = '/metadata/namespace'
  if (namespace === '') return [{ pointer, detail: 'is required: choose where to deploy' }]
  const read = NamespaceName.safeParse(namespace)
  if (read.success) return []
  return [{ pointer, detail: read.error.issues[0]?.message ?? 'is not a namespace' }]
}

/** What is wrong with a change; what it leaves as it was is not looked at. */
export function checkPatch(patch: DeploymentPatch): FieldError[] {
  const parsed = DeploymentPatch.safeParse(patch)
  return parsed.success ? [] : listIssues(parsed.error.issues)
}

/** What surrounds the spec: only a ModelDeployment, by the name and in the place that the page is about. */
export function checkFrame(draft: Draft): FieldError[] {
  const errors: FieldError[] = []
  const { apiVersion, kind: given, metadata, spec: _, ...others } = draft
  if (given !== kind) errors.push({ pointer: '/kind', detail: `must be ${kind}` })
  if (!groups.includes(apiVersion.split('/')[0] ?? '')) {
    errors.push({ pointer: '/apiVersion', detail: `must be ${groups[0]}/v1alpha1` })
  }
  for (const name of Object.keys(others)) {
    errors.push({ pointer: `/${name}`, detail: 'is written by the cluster: leave it out' })
  }
  for (const name of Object.keys(metadata)) {
    if (metadataFields.has(name)) continue
    const pointer = toPointer(['metadata', name])
    errors.push({ pointer, detail: 'is written by the cluster: leave it out' })
  }
  return errors
}

/** A new deployment is asked for by its name and its spec: where these are in the manifest. */
export function fromCreate({ detail, pointer }: FieldError): FieldError {
  const isMetadata = /^\/(name|namespace|labels|annotations)(\/|$)/.test(pointer)
  return { pointer: isMetadata ? `/metadata${pointer}` : pointer, detail }
}

/** What a schema of the contract has to say. */
type Issue = NonNullable<
  ReturnType<typeof CreateDeploymentInput.safeParse>['error']
>['issues'][number]

export function listIssues(issues: readonly Issue[]): FieldError[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: toPointer([...issue.path, key]),
        detail: 'is not a field of a ModelDeployment',
      }))
    }
    if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
      return issue.issues.map(({ message }) => ({
        pointer: toPointer(issue.path),
        detail: message,
      }))
    }
    return [{ pointer: toPointer(issue.path), detail: issue.message }]
  })
}
