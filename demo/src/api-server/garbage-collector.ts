import type { KubeObject, OwnerReference } from '../objects.ts'
import { beginDeletion } from './delete.ts'
import type { Registry } from './registry.ts'
import { collectionOf } from './resource.ts'
import type { Resource } from './resource.ts'
import type { Storage, StorageEvent, StoredObject } from './storage.ts'

const background = {
  dryRun: false,
  gracePeriodSeconds: undefined,
  propagationPolicy: 'Background',
} as const

/**
 * What kube-controller-manager does after a deletion: objects go when all their owners are gone,
 * foreground and orphan deletions are finished, and a namespace takes its content along.
 */
export function startGarbageCollector(storage: Storage, registry: Registry): () => void {
  const uids = new Set<string>()
  const dependents = new Map<string, Set<string>>() // owner's uid → `collection key`
  const pending = new Set<string>()
  let timer: NodeJS.Immediate | undefined

  const track = (collection: string, event: StorageEvent) => {
    const { metadata } = event.object.object
    const reference = `${collection} ${event.object.key}`
    for (const owner of event.previous?.object.metadata.ownerReferences ?? []) {
      dependents.get(owner.uid)?.delete(reference)
    }
    if (event.type === 'DELETED') uids.delete(metadata.uid!)
    else {
      uids.add(metadata.uid!)
      for (const owner of metadata.ownerReferences ?? []) {
        const known = dependents.get(owner.uid) ?? new Set()
        dependents.set(owner.uid, known.add(reference))
      }
    }
    const concerns =
      event.type === 'DELETED' ||
      metadata.deletionTimestamp !== undefined ||
      metadata.ownerReferences?.some((owner) => !uids.has(owner.uid))
    if (!concerns) return
    pending.add(reference)
    for (const dependent of dependents.get(metadata.uid!) ?? []) pending.add(dependent)
    for (const owner of metadata.ownerReferences ?? []) enqueueOwner(owner, event.object.namespace)
    if (metadata.namespace !== undefined) pending.add(`namespaces ${metadata.namespace}`)
    timer ??= setImmediate(run)
  }

  const enqueueOwner = (owner: OwnerReference, namespace: string) => {
    const resource = registry.findByKind(owner.apiVersion, owner.kind)
    if (!resource) return
    const key = resource.namespaced ? `${namespace}/${owner.name}` : owner.name
    pending.add(`${collectionOf(resource)} ${key}`)
  }

  const run = () => {
    timer = undefined
    const batch = [...pending]
    pending.clear()
    for (const reference of batch) collect(reference)
  }

  const collect = (reference: string) => {
    const [collection, key] = reference.split(' ') as [string, string]
    const resource = registry.all().find((each) => collectionOf(each) === collection)
    const [namespace, name] = key.includes('/') ? (key.split('/') as [string, string]) : ['', key]
    const stored = storage.find(collection, namespace, name)
    if (!resource || !stored) return
    const { deletionTimestamp, ownerReferences, finalizers } = stored.object.metadata
    if (resource.kind === 'Namespace') {
      if (deletionTimestamp !== undefined) emptyNamespace(storage, registry, stored)
    } else if (deletionTimestamp !== undefined) {
      if (finalizers?.includes('foregroundDeletion')) finishForeground(resource, stored)
      if (finalizers?.includes('orphan')) finishOrphaning(resource, stored)
    } else if (ownerReferences?.length && !ownerReferences.some((owner) => uids.has(owner.uid))) {
      beginDeletion(storage, resource, stored, background)
    }
  }

  const dependentsOf = (owner: StoredObject) =>
    [...(dependents.get(owner.object.metadata.uid!) ?? [])].flatMap((reference) => {
      const [collection, key] = reference.split(' ') as [string, string]
      const resource = registry.all().find((each) => collectionOf(each) === collection)
      const [namespace, name] = key.includes('/') ? (key.split('/') as [string, string]) : ['', key]
      const stored = storage.find(collection, namespace, name)
      return resource && stored ? [{ resource, stored }] : []
    })

  const finishForeground = (resource: Resource, owner: StoredObject) => {
    for (const { resource: kind, stored } of dependentsOf(owner)) {
      if (stored.object.metadata.deletionTimestamp === undefined) {
        beginDeletion(storage, kind, stored, background)
      }
    }
    if (dependentsOf(owner).length === 0) {
      removeFinalizer(storage, resource, owner, 'foregroundDeletion')
    }
  }

  const finishOrphaning = (resource: Resource, owner: StoredObject) => {
    const { uid } = owner.object.metadata
    for (const { resource: kind, stored } of dependentsOf(owner)) {
      const { ownerReferences: references, ...metadata } = stored.object.metadata
      const ownerReferences = references!.filter((each) => each.uid !== uid)
      storage.update(collectionOf(kind), stored, {
        ...stored.object,
        metadata: ownerReferences.length > 0 ? { ...metadata, ownerReferences } : metadata,
      })
    }
    removeFinalizer(storage, resource, owner, 'orphan')
  }

  for (const collection of storage.collections()) {
    for (const object of storage.list(collection)!) {
      track(collection, { type: 'ADDED', revision: object.revision, object, previous: undefined })
    }
  }
  const unsubscribe = storage.subscribeToAll(track)
  return () => {
    unsubscribe()
    clearImmediate(timer)
  }
}

function removeFinalizer(
  storage: Storage,
  resource: Resource,
  stored: StoredObject,
  finalizer: string,
): void {
  const finalizers = stored.object.metadata.finalizers!.filter((each) => each !== finalizer)
  const { finalizers: _, ...metadata } = stored.object.metadata
  const object: KubeObject = {
    ...stored.object,
    metadata: finalizers.length > 0 ? { ...metadata, finalizers } : metadata,
  }
  if (finalizers.length > 0) storage.update(collectionOf(resource), stored, object)
  else storage.remove(collectionOf(resource), stored, object)
}

function emptyNamespace(storage: Storage, registry: Registry, namespace: StoredObject): void {
  let isEmpty = true
  for (const resource of registry.all().filter((each) => each.namespaced)) {
    for (const stored of storage.list(collectionOf(resource), { namespace: namespace.name })!) {
      if (stored.object.metadata.deletionTimestamp === undefined) {
        beginDeletion(storage, resource, stored, background)
      }
      if (storage.find(collectionOf(resource), stored.namespace, stored.name)) isEmpty = false
    }
  }
  if (isEmpty) storage.remove('namespaces', namespace)
}
