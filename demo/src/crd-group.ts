import type { KubeObject } from './objects.ts'

/** AI Runway's API group; until March 2026 it was called KubeAIRunway. */
export type CrdGroup = 'airunway.ai' | 'kubeairunway.ai'

export const presentGroup = 'airunway.ai'

/** The group of an object of AI Runway's. */
export function crdGroupOf({ apiVersion = '' }: KubeObject): CrdGroup {
  return apiVersion.startsWith('kubeairunway.ai/') ? 'kubeairunway.ai' : presentGroup
}

/** Labels or annotations as they are written where the group has this name. */
export function withPrefixOf(
  group: CrdGroup,
  entries: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [
      key.startsWith(`${presentGroup}/`) ? key.replace(presentGroup, group) : key,
      value,
    ]),
  )
}
