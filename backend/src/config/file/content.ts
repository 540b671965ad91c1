import { createHash } from 'node:crypto'
import type {
  ConfigFile,
  GrantLimits,
  GroupMappingInput,
  InstancePolicyInput,
  OidcProfileInput,
  TemplateInput,
} from '@hub/shared'
import { findAuthoritiesFault } from '../check-authorities.ts'
import type { OutsideProviderConfig } from '../outside-providers.ts'
import { configGrant, type ConfigGrant } from '../read-grants.ts'
import { formatPath } from './describe-issue.ts'
import { readFileProviders, type BesideFile, type Mistake } from './read-providers.ts'

/** A group mapping of the file. What makes it another is another one: its id is made of what it says. */
export type ConfigMapping = {
  id: string
  provider: GroupMappingInput['provider']
  groupId: string
  groupName: string | null
  role: GroupMappingInput['role']
  instanceId: string | null
  namespaces: readonly string[] | null
  limits: GrantLimits | null
}

export type ConfigFileContent = {
  grants: readonly ConfigGrant[]
  mappings: readonly ConfigMapping[]
  /** By instance. */
  policies: ReadonlyMap<string, InstancePolicyInput>
  templates: readonly TemplateInput[]
  /** By instance. */
  oidcProfiles: ReadonlyMap<string, OidcProfileInput>
  /** Of models outside, with their keys. */
  providers: readonly OutsideProviderConfig[]
  /** Of what it gives, whatever the file looks like; not of the keys, which are not in it. */
  sha256: string
}

export function toContent(
  {
    grants,
    groupMappings,
    oidcProfiles: ofInstances,
    policies: inFile,
    providers: outside,
    templates: given,
  }: ConfigFile,
  path: string,
  beside: BesideFile,
): { content: ConfigFileContent; keyFiles: string[]; mistakes: Mistake[] } {
  const mistakes: Mistake[] = []
  const note = (ids: readonly string[], list: string) => {
    ids.forEach((id, index) => {
      const first = ids.indexOf(id)
      if (first === index) return
      const [name, other] = [formatPath([list, index]), formatPath([list, first])]
      const sentence = `${name} says the same as ${other}; take one out.`
      mistakes.push({ path: [list, index], sentence })
    })
  }
  const noteSecond = (names: readonly string[], [list, key]: readonly [string, string]) => {
    names.forEach((name, index) => {
      const first = names.indexOf(name)
      if (first === index) return
      const [at, other] = [formatPath([list, index, key]), formatPath([list, first])]
      const sentence = `${at} is "${name}", as in ${other}; keep one of the two.`
      mistakes.push({ path: [list, index, key], sentence })
    })
  }
  const mappings = (groupMappings ?? []).map(toMapping)
  const granted = (grants ?? []).map((input) => {
    const id = digest('grant', input.principal, ...scopeOf(input))
    return { ...configGrant(`config:file:${id.slice(0, 32)}`, input), file: path }
  })
  const grantIds = granted.map(({ grant }) => grant.id)
  const mappingIds = mappings.map(({ id }) => id)
  note(mappingIds, 'groupMappings')
  note(grantIds, 'grants')
  const policies = inFile ?? []
  policies.forEach(({ directModels }, index) => {
    const fault = findAuthoritiesFault(directModels?.certificateAuthority ?? null)
    if (fault === null) return
    const at = ['policies', index, 'directModels', 'certificateAuthority']
    mistakes.push({ path: at, sentence: `${formatPath(at)}: ${fault}.` })
  })
  const templates = given ?? []
  const profiles = ofInstances ?? []
  noteSecond(
    policies.map(({ instance }) => instance),
    ['policies', 'instance'],
  )
  noteSecond(
    templates.map(({ id }) => id),
    ['templates', 'id'],
  )
  noteSecond(
    profiles.map(({ instance }) => instance),
    ['oidcProfiles', 'instance'],
  )
  const providers = outside ?? []
  noteSecond(
    providers.map(({ id }) => id),
    ['providers', 'id'],
  )
  const read = readFileProviders(providers, path, beside)
  return {
    content: {
      grants: granted,
      mappings,
      policies: new Map(policies.map(({ instance, ...policy }) => [instance, policy])),
      templates,
      oidcProfiles: new Map(profiles.map(({ instance, ...profile }) => [instance, profile])),
      providers: read.providers,
      sha256: digest(
        [...grantIds].toSorted(),
        mappings.map(({ groupName, id }) => `${id} ${groupName}`).toSorted(),
        ...(policies.length + templates.length === 0 ? [] : [policies, templates]),
        ...(profiles.length === 0 ? [] : [{ profiles }]),
        ...(providers.length === 0 ? [] : [{ providers }]),
      ),
    },
    keyFiles: read.keyFiles,
    mistakes: [...mistakes, ...read.mistakes],
  }
}

function toMapping(input: GroupMappingInput): ConfigMapping {
  const { groupName, instanceId, limits, namespaces, provider, role } = input
  const groupId = normalizeGroupId(input)
  const id = digest('mapping', provider, groupId, ...scopeOf(input))
  return {
    id: toUuid(id),
    provider,
    groupId,
    groupName: groupName ?? null,
    role,
    instanceId: instanceId ?? null,
    namespaces: namespaces ? [...new Set(namespaces)] : null,
    limits: limits ?? null,
  }
}

// Entra's tokens spell object ids in lower case, its portal and scripts not always.
export function normalizeGroupId({
  groupId,
  provider,
}: Pick<GroupMappingInput, 'provider' | 'groupId'>): string {
  const isGuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(groupId)
  return provider === 'entra' && isGuid ? groupId.toLowerCase() : groupId
}

function scopeOf(input: Pick<GroupMappingInput, 'role' | 'instanceId' | 'namespaces' | 'limits'>) {
  const { instanceId = null, limits, namespaces, role } = input
  const places = namespaces ? [...new Set(namespaces)].toSorted() : null
  return [role, instanceId, places, ...(limits ? [limits] : [])]
}

function digest(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** RFC 9562 §5.8 */
function toUuid(hex: string): string {
  const variant = ((parseInt(hex[16]!, 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
