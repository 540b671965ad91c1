import { randomBytes } from 'node:crypto'
import type { KubeClient } from '../client.ts'
import type { KubeObject } from '../objects.ts'
import { kubeTime } from './conditions.ts'

/** Writes an Event about an object. That it cannot be written must not stop what it tells of. */
export async function writeEvent(
  client: KubeClient,
  about: KubeObject,
  event: { type: 'Normal' | 'Warning'; reason: string; message: string; component: string },
  /** Of what is told again and again: one event, of the latest time. */
  isRepeated = false,
): Promise<void> {
  const { namespace, name, uid, resourceVersion } = about.metadata
  const now = kubeTime()
  const id = isRepeated ? event.reason.toLowerCase() : randomBytes(8).toString('hex')
  const created = await client.raw('POST', `/api/v1/namespaces/${namespace}/events`, {
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${id}`, namespace },
      involvedObject: {
        apiVersion: about.apiVersion ?? 'v1',
        kind: about.kind ?? 'Pod',
        namespace,
        name,
        uid,
        resourceVersion,
      },
      type: event.type,
      reason: event.reason,
      message: event.message,
      source: { component: event.component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    },
  })
  if (!isRepeated || created.status !== 409) return
  await client.raw('PATCH', `/api/v1/namespaces/${namespace}/events/${name}.${id}`, {
    contentType: 'application/merge-patch+json',
    body: { message: event.message, lastTimestamp: now },
  })
}
