import {
  toPointer,
  type DeploymentSpecPatch,
  type FieldError,
  type InstancePolicyInput,
} from '@hub/shared'
import { isRecord } from '#kube'

/** Where no administrator said otherwise. */
export const defaultPolicy: InstancePolicyInput = {
  deployersMay: {
    overrides: false,
    podTemplate: true,
    secretReferences: false,
    images: true,
    trustRemoteCode: true,
  },
  imageRegistries: null,
  templatesOnly: false,
  confirmAgents: false,
  modelUse: 'viewers',
  directModels: null,
}

type Field = { pointer: string; may: keyof InstancePolicyInput['deployersMay']; isSet: boolean }

/**
 * What of a spec, or of a patch of one, may not reach a pod of the instance, with the sentence for each field. Pointers
 * begin at the spec. Taking a field away is always allowed.
 */
export function findRefused(
  spec: DeploymentSpecPatch,
  { deployersMay, imageRegistries }: InstancePolicyInput,
  { isAdmin }: { isAdmin: boolean },
): FieldError[] {
  const refused = isAdmin
    ? []
    : powerfulFields(spec).filter(({ isSet, may }) => isSet && !deployersMay[may])
  return [
    ...refused.map(({ pointer }) => ({
      pointer,
      detail: `is for administrators on this instance: it reaches the pod with more power than a deployer has. Leave it out, or ask an administrator to allow it in the instance's policy.`,
    })),
    ...(imageRegistries === null ? [] : findForeignImages(spec, imageRegistries)),
  ]
}

function powerfulFields({
  engine,
  env,
  image,
  podTemplate,
  provider,
}: DeploymentSpecPatch): Field[] {
  const variables = (env ?? []).map((variable, index): Field => ({
    pointer: `/env/${index}/valueFrom`,
    may: 'secretReferences',
    isSet: variable?.valueFrom !== undefined && variable.valueFrom !== null,
  }))
  return [
    { pointer: '/provider/overrides', may: 'overrides', isSet: isGiven(provider?.overrides) },
    { pointer: '/podTemplate', may: 'podTemplate', isSet: isGiven(podTemplate) },
    { pointer: '/engine/image', may: 'images', isSet: isGiven(engine?.image) },
    { pointer: '/image', may: 'images', isSet: isGiven(image) },
    {
      pointer: '/engine/trustRemoteCode',
      may: 'trustRemoteCode',
      isSet: engine?.trustRemoteCode === true,
    },
    ...variables,
  ]
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function findForeignImages(
  { engine, image, podTemplate, provider }: DeploymentSpecPatch,
  registries: readonly string[],
): FieldError[] {
  const images: (readonly [string, string | null | undefined])[] = [
    ['/engine/image', engine?.image],
    ['/image', image],
    // Whatever a runtime makes of these, an image in them is one that a pod may run.
    ...findImages(provider?.overrides, '/provider/overrides'),
    ...findImages(podTemplate, '/podTemplate'),
  ]
  return images.flatMap(([pointer, named]) => {
    if (named === undefined || named === null || isFrom(named, registries)) return []
    const detail = `must come from ${registries.join(', ')}: the policy of this instance takes images from nowhere else.`
    return [{ pointer, detail }]
  })
}

/** Every image that stands in an object of no known shape, by its pointer: a text, or a repository with its registry. */
function findImages(value: unknown, pointer: string): [string, string][] {
  if (Array.isArray(value)) {
    return value.flatMap((each, index) => findImages(each, `${pointer}/${index}`))
  }
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = `${pointer}${toPointer([name])}`
    const isImage = /image$/i.test(name)
    if (isImage && typeof inner === 'string') return [[at, inner]]
    if (!isImage || !isRecord(inner)) return findImages(inner, at)
    const { registry, repository } = inner
    if (typeof repository !== 'string') return findImages(inner, at)
    const host = typeof registry === 'string' && registry !== '' ? `${registry}/` : ''
    return [[at, `${host}${repository}`]]
  })
}

/** An image without a host is one of Docker Hub's, as container runtimes read it. */
function isFrom(image: string, registries: readonly string[]): boolean {
  const [first = '', ...rest] = image.split('/')
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const named = hasHost ? image : `docker.io/${rest.length > 0 ? image : `library/${image}`}`
  return registries.some((registry) => named.startsWith(`${registry}/`))
}
