import type { KubeObject, Untyped } from '../objects.ts'
import { builtinResources } from './builtin-resources.ts'
import { apiVersionOf, formatAge } from './resource.ts'
import type { Resource } from './resource.ts'
import type { Storage } from './storage.ts'

export type Registry = {
  find(group: string, version: string, plural: string): Resource | undefined
  findByKind(apiVersion: string, kind: string): Resource | undefined
  all(): Resource[]
  /** Groups besides the core one, in the order of their appearance. */
  groups(): Map<string, string[]>
}

const crdCollection = 'customresourcedefinitions.apiextensions.k8s.io'

/** The built-in resources and those of the CustomResourceDefinitions in storage. */
export function createRegistry(storage: Storage): Registry {
  const customByDefinition = new Map<string, Resource[]>()
  const load = (definition: KubeObject) =>
    customByDefinition.set(definition.metadata.name, toCustomResources(definition))

  for (const { object } of storage.list(crdCollection)!) load(object)
  storage.subscribe(crdCollection, ({ type, object }) => {
    if (type === 'DELETED') customByDefinition.delete(object.name)
    else load(object.object)
  })

  const all = () => [...builtinResources, ...[...customByDefinition.values()].flat()]
  return {
    all,
    find: (group, version, plural) =>
      all().find(
        (each) => each.plural === plural && each.group === group && each.version === version,
      ),
    findByKind: (apiVersion, kind) =>
      all().find((each) => each.kind === kind && apiVersionOf(each) === apiVersion),
    groups: () => {
      const groups = new Map<string, string[]>()
      for (const { group, version } of all()) {
        if (group === '') continue
        const versions = groups.get(group) ?? []
        if (!versions.includes(version)) versions.push(version)
        groups.set(group, versions)
      }
      return groups
    },
  }
}

function toCustomResources(definition: KubeObject): Resource[] {
  const { group, names, scope, versions } = definition.spec
  return versions
    .filter((version: Untyped) => version.served)
    .map((version: Untyped): Resource => {
      const columns: Untyped[] = version.additionalPrinterColumns ?? [
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ]
      return {
        group,
        version: version.name,
        plural: names.plural,
        singular: names.singular ?? names.kind.toLowerCase(),
        kind: names.kind,
        listKind: names.listKind ?? `${names.kind}List`,
        namespaced: scope === 'Namespaced',
        shortNames: names.shortNames ?? [],
        categories: names.categories ?? [],
        nameRule: 'subdomain',
        hasStatus: version.subresources?.status !== undefined,
        subresources: [],
        selectableFields: {
          'metadata.name': (object) => object.metadata.name,
          ...(scope === 'Namespaced' && {
            'metadata.namespace': (object: KubeObject) => object.metadata.namespace ?? '',
          }),
        },
        isDeletable: true,
        returnsDeletedObject: false,
        columns: columns.map(({ name, type, format, description, jsonPath, priority }) => ({
          name,
          type,
          format: format ?? '',
          description:
            description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
          priority: priority ?? 0,
        })),
        toCells: (object) =>
          columns.map(({ type, jsonPath }) => toCell(type, readPath(object, jsonPath))),
        prepareCreate: () => {},
        validate: () => [],
        validateUpdate: () => [],
        graceSeconds: () => 0,
        custom: { schema: version.schema.openAPIV3Schema },
      }
    })
}

/** A simple JSONPath such as `.status.replicas.ready`; filters and wildcards read as absent. */
function readPath(object: KubeObject, path: string): unknown {
  let value: Untyped = object
  for (const part of path.split('.').slice(1)) value = value?.[part]
  return value
}

function toCell(type: string, value: unknown): unknown {
  if (value === undefined || value === null) return null
  return type === 'date' && typeof value === 'string' ? formatAge(value) : value
}
