import type { Reader } from '#db'
import type { Configured } from './configured.ts'
import { teamOf } from './present.ts'
import { findMappings } from './store.ts'

/** What the groups of mappings are called, as far as a mapping says so. */
export async function findTeamNames(
  reader: Reader,
  configured: Configured,
  teams: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = new Set(teams)
  const names = new Map<string, string>()
  for (const mapping of [...(await findMappings(reader)), ...configured.mappings()]) {
    const team = teamOf(mapping)
    if (asked.has(team) && mapping.groupName !== null) names.set(team, mapping.groupName)
  }
  return names
}
