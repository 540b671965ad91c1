import { isRecord } from '#kube'

/** How many accelerators a deployment's spec asks for, of all its replicas together. */
export function countGpus(spec: unknown): number {
  const { resources, scaling, serving } = readRecord(spec)
  const { decode, prefill, replicas } = readRecord(scaling)
  if (readRecord(serving)['mode'] === 'disaggregated') return countRole(prefill) + countRole(decode)
  return readCount(replicas, 1) * readCount(readRecord(readRecord(resources)['gpu'])['count'], 0)
}

function countRole(role: unknown): number {
  const { gpu, replicas } = readRecord(role)
  return readCount(replicas, 1) * readCount(readRecord(gpu)['count'], 0)
}

function readRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function readCount(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}
