import type { ConfigFileState } from '@hub/shared'
import type {
  Config,
  ConfigFileContent,
  ConfigGrant,
  FollowedFile,
  OutsideProviderConfig,
  ReadConfigFile,
} from '#config'
import type { MappingRow } from './store.ts'

/** What the configuration gives as it stands now, by its variables and by its file. It has no rows: each replica has its own. */
export type Configured = {
  grants(): readonly ConfigGrant[]
  mappings(): readonly MappingRow[]
  outsideProviders(): readonly OutsideProviderConfig[]
  /** What the file says of instances and has for deployers; null where there is no file. */
  governance():
    | (Pick<ConfigFileContent, 'policies' | 'templates' | 'oidcProfiles'> & { modifiedAt: Date })
    | null
  /** Null where there is no file. */
  file(): ConfigFileState | null
}

type Static = Pick<Config, 'grants' | 'gateway' | 'file'>

/** Without a file that is followed it is what it was at the start. */
export function createConfigured(
  { file: atStart, gateway, grants }: Static,
  followed: FollowedFile | null = null,
): Configured {
  const file = followed ?? (atStart && holdStill(atStart))
  let known: ConfigFileContent | null = null
  let mappings: readonly MappingRow[] = []
  return {
    grants: () => (file === null ? grants : [...grants, ...file.content().grants]),
    mappings: () => {
      if (file === null || known === file.content()) return mappings
      known = file.content()
      mappings = known.mappings.map((mapping) => ({
        ...mapping,
        namespaces: mapping.namespaces === null ? null : [...mapping.namespaces],
        createdAt: file.modifiedAt(),
        createdBy: 'config',
      }))
      return mappings
    },
    outsideProviders: () => [...gateway.providers, ...(file?.content().providers ?? [])],
    governance: () => file && { ...file.content(), modifiedAt: file.modifiedAt() },
    file: () => file?.state() ?? null,
  }
}

function holdStill({ content, modifiedAt, path }: ReadConfigFile): Omit<FollowedFile, 'look'> {
  return {
    path,
    content: () => content,
    modifiedAt: () => modifiedAt,
    state: () => ({ path, mistakes: [], since: modifiedAt.toISOString() }),
  }
}

/** The sentence for whoever wants to change what stands in the file. */
export function describeFileOnly(what: string, { file }: Configured): string {
  return `${what} is set in the configuration file ${file()?.path ?? ''} (HUB_CONFIG_FILE): change it there, and it takes effect within seconds.`
}
