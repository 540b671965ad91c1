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
  const mappings = own.flatMap(({ mapping }) => mapping ?? [])
  const grants = own.flatMap(({ grant }) => grant ?? [])
  const policies = own.flatMap(({ policy }) => policy ?? [])
  const templates = own.flatMap(({ template }) => template ?? [])
  return {
    groupMappings: mappings.slice(0, namedMax),
    grants: grants.slice(0, namedMax),
    ...(policies.length > 0 && { policies: policies.slice(0, namedMax) }),
    ...(templates.length > 0 && { templates: templates.slice(0, namedMax) }),
    ...(mappings.length > namedMax && { moreGroupMappings: mappings.length - namedMax }),
    ...(grants.length > namedMax && { moreGrants: grants.length - namedMax }),
    ...(policies.length > namedMax && { morePolicies: policies.length - namedMax }),
    ...(templates.length > namedMax && { moreTemplates: templates.length - namedMax }),
  }
}

type Described = {
  key: string
  mapping?: Record<string, unknown>
  grant?: Record<string, unknown>
  policy?: Record<string, unknown>
  template?: Record<string, unknown>
}

function describeAll({ grants, mappings, policies, templates }: ConfigFileContent): Described[] {
  return [
    ...mappings.map(({ id, ...mapping }) => ({
      key: `${id} ${mapping.groupName}`,
      mapping: { mappingId: id, ...describeMapping(mapping) },
    })),
    ...grants.map(({ grant, principal }) => ({
      key: grant.id,
      grant: { grantId: grant.id, principal, ...presentScope(grant) },
    })),
    ...[...policies].map(([instance, policy]) => ({
      key: `policy ${instance} ${JSON.stringify(policy)}`,
      policy: { instance, ...policy },
    })),
    // Its spec may hold values of variables, which the audit log keeps none of.
    ...templates.map((template) => ({
      key: `template ${JSON.stringify(template)}`,
      template: { template: template.id, title: template.title },
    })),
  ]
}
