import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { describe, expect, it } from 'vitest'
import { apiGroups } from '#kube'
import { features, permissionsOf } from './preflight.ts'

const manifest = readFileSync(
  new URL('../../../deploy/kubernetes/instance-rbac/access.yaml', import.meta.url),
  'utf8',
)

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[] }

describe('the least-rights manifest', () => {
  const rules = parseAllDocuments(manifest)
    .map((document) => document.toJS() as { rules?: Rule[] })
    .flatMap((object) => object.rules ?? [])

  it.each(apiGroups.flatMap((group) => features.map((feature) => [feature.name, group] as const)))(
    'grants what "%s" needs with group %s',
    (name, group) => {
      const feature = features.find((each) => each.name === name)!
      for (const permission of permissionsOf(feature, group)) {
        const resource =
          permission.subresource === null
            ? permission.resource
            : `${permission.resource}/${permission.subresource}`
        expect(
          rules.some(
            (rule) =>
              rule.apiGroups.includes(permission.group) &&
              rule.resources.includes(resource) &&
              rule.verbs.includes(permission.verb),
          ),
          `${permission.verb} ${resource}`,
        ).toBe(true)
      }
    },
  )

  it('has no wildcard and no secrets', () => {
    expect(JSON.stringify(rules)).not.toMatch(/\*|secret/)
  })
})
