import type { DeploymentEvents } from '@hub/shared'
import { clip, isRecord, type KubeObject } from '#kube'

type Group = DeploymentEvents['items'][number]

const groupsMax = 200
const objectsMax = 10
const messageLengthMax = 1_024

/** Events about a deployment and what was made of it, those that say the same together, the latest first. */
export function groupEvents(
  events: readonly KubeObject[],
  isAbout: (about: { kind: string; name: string; uid: string }) => boolean,
): { items: Group[]; isCut: boolean } {
  const groups = new Map<string, Group>()
  for (const event of events) {
    const about = isRecord(event.involvedObject) ? event.involvedObject : {}
    const kind = text(about.kind)
    const name = text(about.name)
    if (!isAbout({ kind, name, uid: text(about.uid) })) continue
    const type = text(event.type)
    const reason = text(event.reason)
    const message = text(event.message, messageLengthMax)
    const series = isRecord(event.series) ? event.series : {}
    const times = [event.firstTimestamp, event.eventTime, event.lastTimestamp]
      .concat(series.lastObservedTime)
      .filter((time) => typeof time === 'string' && !Number.isNaN(Date.parse(time)))
      .map(String)
      .toSorted((a, b) => Date.parse(a) - Date.parse(b))
    // What differs in no more than the object's own name is the same.
    const key = JSON.stringify([
      type,
      reason,
      kind,
      name === '' ? message : message.replaceAll(name, '*'),
    ])
    const group = groups.get(key) ?? {
      type,
      reason,
      message,
      kind,
      objects: [],
      count: 0,
      firstAt: null,
      lastAt: null,
    }
    group.count += Math.max(count(event.count), count(series.count), 1)
    if (!group.objects.includes(name) && group.objects.length < objectsMax) group.objects.push(name)
    group.firstAt = pick(group.firstAt, times[0], (a, b) => a < b)
    const lastAt = pick(group.lastAt, times.at(-1), (a, b) => a > b)
    if (lastAt !== group.lastAt) group.message = message
    group.lastAt = lastAt
    groups.set(key, group)
  }
  const sorted = [...groups.values()].toSorted((a, b) => timeOf(b) - timeOf(a))
  return { items: sorted.slice(0, groupsMax), isCut: sorted.length > groupsMax }
}

function timeOf({ lastAt }: Group): number {
  return lastAt === null ? 0 : Date.parse(lastAt)
}

function pick(
  known: string | null,
  next: string | undefined,
  isBetter: (a: number, b: number) => boolean,
): string | null {
  if (next === undefined) return known
  return known === null || isBetter(Date.parse(next), Date.parse(known)) ? next : known
}

function text(value: unknown, lengthMax = 253): string {
  return typeof value === 'string' ? clip(value, lengthMax) : ''
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
}
