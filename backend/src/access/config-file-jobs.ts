import { randomUUID } from 'node:crypto'
import { emitAudit, findLastOfAction } from '#audit'
import type { ConfigFileContent, FollowedFile } from '#config'
import type { Clock, Job } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { describeMapping, presentScope } from './present.ts'

type FileDeps = { db: Database; now: Clock; log: Logger; file: FollowedFile }

/** More of a list is counted, not named. */
const namedMax = 100

/** Follows the configuration file on this replica, and writes down what it changes. The two wait for nothing of each other. */
export function createConfigFileJobs(deps: FileDeps): Job[] {
  const { file } = deps
  let written: ConfigFileContent | null = null
  return [
    {
      name: 'access.config-file',
      everySeconds: 1,
      failure: 'the configuration file could not be looked at',
      run: () => file.look(),
    },
    {
      name: 'access.config-file-audit',
      everySeconds: 1,
      failure: 'what the configuration file changed could not be written down',
      async run() {
        const content = file.content()
        if (content === written) return
        await writeDown(deps, written, content)
        written = content
      },
    },
  ]
}

/** Of replicas with the same file the first one does. */
async function writeDown(
  { db, file, log, now }: FileDeps,
  before: ConfigFileContent | null,
  after: ConfigFileContent,
): Promise<void> {
  await db.transaction(async (tx) => {
    // Nobody else finds out meanwhile that it is not written down.
    await tx.lock('audit-chain')
    const last = (await findLastOfAction(tx, 'config-file.apply'))?.target
    if (last?.['sha256'] === after.sha256) return
    const ctx = { actor: { type: 'system' as const }, requestId: randomUUID(), ip: null, now, log }
    await emitAudit(tx, ctx, {
      action: 'config-file.apply',
      outcome: 'success',
      target: { file: file.path, sha256: after.sha256 },
      // What another run of the hub had is known by its digest alone.
      before: before === null ? { sha256: last?.['sha256'] ?? null } : describe(before, after),
      after: describe(after, before),
    })
  })
}

/** What is in the one and not in the other. */
function describe(content: ConfigFileContent, other: ConfigFileContent | null) {
  const known = new Set(other === null ? [] : describeAll(other).map(({ key }) => key))
  const own = describeAll(content).filter(({ key }) => !known.has(key))
  const of = (list: List) => own.filter((each) => each.list === list).map(({ what }) => what)
  const after: Record<string, unknown> = {}
  for (const list of lists) {
    const all = of(list)
    if (all.length > 0 || isAlwaysNamed(list)) after[list] = all.slice(0, namedMax)
  }
  for (const list of lists) {
    const more = of(list).length - namedMax
    if (more > 0) after[`more${list.charAt(0).toUpperCase()}${list.slice(1)}`] = more
  }
  return after
}

const lists = [
  'groupMappings',
  'grants',
  'policies',
  'templates',
  'oidcProfiles',
  'providers',
] as const
type List = (typeof lists)[number]

/** A file without any says so of what it is mostly for. */
function isAlwaysNamed(list: List): boolean {
  return list === 'groupMappings' || list === 'grants'
}

type Described = { key: string; list: List; what: Record<string, unknown> }

function describeAll(content: ConfigFileContent): Described[] {
  const { grants, mappings, oidcProfiles, policies, providers, templates } = content
  return [
    ...mappings.map(({ id, ...mapping }) => ({
      key: `${id} ${mapping.groupName}`,
      list: 'groupMappings' as const,
      what: { mappingId: id, ...describeMapping(mapping) },
    })),
    ...grants.map(({ grant, principal }) => ({
      key: grant.id,
      list: 'grants' as const,
      what: { grantId: grant.id, principal, ...presentScope(grant) },
    })),
    ...[...policies].map(([instance, policy]) => ({
      key: `policy ${instance} ${JSON.stringify(policy)}`,
      list: 'policies' as const,
      what: { instance, ...policy },
    })),
    ...[...oidcProfiles].map(([instance, profile]) => ({
      key: `profile ${instance} ${JSON.stringify(profile)}`,
      list: 'oidcProfiles' as const,
      what: { instance, ...profile },
    })),
    ...providers.map(({ id: provider, keyName, scheme, url }) => ({
      key: `provider ${JSON.stringify([provider, url, scheme, keyName])}`,
      list: 'providers' as const,
      what: { provider, url, scheme, keyName },
    })),
    // Its spec may hold values of variables, which the audit log keeps none of.
    ...templates.map((template) => ({
      key: `template ${JSON.stringify(template)}`,
      list: 'templates' as const,
      what: { template: template.id, title: template.title },
    })),
  ]
}
