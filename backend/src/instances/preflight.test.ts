import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { describe, expect, it } from 'vitest'
import { apiGroups } from '#kube'
import { features, impersonationFeature, permissionsOf } from './preflight.ts'

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

describe('H48: the manifest for acting for people', () => {
  const impersonation = readFileSync(
    new URL(
      '../../../deploy/kubernetes/instance-rbac-impersonate/impersonation.yaml',
      import.meta.url,
    ),
    'utf8',
  )
  const rules = parseAllDocuments(impersonation)
    .map((document) => document.toJS() as { rules?: (Rule & { resourceNames?: string[] })[] })
    .flatMap((object) => object.rules ?? [])

  it('grants what preflight asks for, and names every group that the hub names', () => {
    const wanted = permissionsOf(impersonationFeature, apiGroups[0])
    expect(wanted.map(({ name, resource, verb }) => [verb, resource, name])).toEqual([
      ['impersonate', 'users', undefined],
      ['impersonate', 'groups', 'hub:viewer'],
      ['impersonate', 'groups', 'hub:deployer'],
      ['impersonate', 'groups', 'hub:admin'],
    ])
    for (const { group, name, resource, verb } of wanted) {
      expect(
        rules.some(
          (rule) =>
            rule.apiGroups.includes(group) &&
            rule.resources.includes(resource) &&
            rule.verbs.includes(verb) &&
            (rule.resourceNames === undefined || rule.resourceNames.includes(name ?? '')),
        ),
        `${verb} ${resource} ${name ?? ''}`,
      ).toBe(true)
    }
  })
})
