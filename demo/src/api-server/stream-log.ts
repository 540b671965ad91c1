import type { ServerResponse } from 'node:http'
import type { KubeObject, Untyped } from '../objects.ts'
import { makeLog, type Written } from './made-log.ts'
import { readInteger, type ResourceContext } from './request-context.ts'
import { isTrue } from './request-info.ts'
import { collectionOf } from './resource.ts'
import { badRequest, notFound } from './status.ts'

const lookMs = 100

/** GET pods/x/log, followed where asked, until the container ends. */
export function streamLog(context: ResourceContext, response: ServerResponse): void {
  const { info, namespace, podLogs, resource, storage } = context
  const { query } = info
  const find = () => storage.find(collectionOf(resource), namespace, info.name)?.object
  const pod = find()
  if (!pod) throw notFound(resource, info.name)
  const status = containerStatus(pod, query.get('container'))
  const isPrevious = isTrue(query.get('previous'))
  checkStarted(pod, status, isPrevious)

  const key = `${namespace}/${info.name}`
  const limit = readInteger(query, 'limitBytes') ?? Number.POSITIVE_INFINITY
  const hasTimes = isTrue(query.get('timestamps'))
  let sent = 0
  const send = (entries: readonly Written[]) => {
    for (const { at, bytes } of entries) {
      if (sent >= limit || response.writableEnded) return
      const line = hasTimes ? Buffer.concat([Buffer.from(`${timeOf(at)} `), bytes]) : bytes
      const part = line.subarray(0, limit - sent)
      sent += part.length
      response.write(part)
    }
  }
  const all = () => podLogs.of(key) ?? makeLog(pod, status, { isPrevious, until: Date.now() })

  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  const first = all()
  send(select(first, query))
  if (!isTrue(query.get('follow')) || isPrevious) return void response.end()
  let count = first.length
  const timer = setInterval(() => {
    const entries = all()
    send(entries.slice(count))
    count = entries.length
    const now = find()
    const state = now && containerStatus(now, query.get('container'))
    const isSame = now?.metadata.uid === pod.metadata.uid
    if (isSame && state?.state?.running && state.restartCount === status.restartCount) return
    clearInterval(timer)
    response.end()
  }, lookMs)
  response.on('close', () => clearInterval(timer))
}

function containerStatus(pod: KubeObject, name: string | null): Untyped {
  const statuses: Untyped[] = pod.status?.containerStatuses ?? []
  const names: string[] = pod.spec.containers.map((each: Untyped) => each.name)
  if (name !== null && !names.includes(name)) {
    throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`)
  }
  return statuses.find((each) => each.name === (name ?? names[0])) ?? { name: name ?? names[0] }
}

function checkStarted(pod: KubeObject, status: Untyped, isPrevious: boolean): void {
  const where = `container "${status.name}" in pod "${pod.metadata.name}"`
  if (isPrevious) {
    if (status.lastState?.terminated) return
    throw badRequest(`previous terminated ${where} not found`)
  }
  const hasRun = status.state?.running ?? status.state?.terminated ?? status.lastState?.terminated
  if (hasRun) return
  const why = status.state?.waiting?.reason ?? 'ContainerCreating'
  throw badRequest(`${where} is waiting to start: ${why}`)
}

function select(entries: readonly Written[], query: URLSearchParams): readonly Written[] {
  const tail = readInteger(query, 'tailLines')
  const seconds = readInteger(query, 'sinceSeconds')
  const time = query.get('sinceTime')
  const since = Math.max(
    seconds === undefined ? 0 : Date.now() - seconds * 1_000,
    // Whole seconds are all that Kubernetes tells its kubelets.
    time === null ? 0 : Math.floor(Date.parse(time) / 1_000) * 1_000,
  )
  const recent = entries.filter(({ at }) => at >= since)
  return tail === undefined ? recent : recent.slice(Math.max(0, recent.length - tail))
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace('Z', '000000Z')
}
