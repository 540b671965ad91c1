import { valueAt, type Draft } from '../editor/draft.ts'
import type { DeployPlace } from './deploy-draft.ts'

/** How large a deployment is to be; empty where that is left open. */
export interface Size {
  replicas: number | ''
  gpuCount: number | ''
  gpuType: string
}

export function readSize(draft: Draft): Size {
  const number = (pointer: string) => {
    const value = valueAt(draft, pointer)
    return typeof value === 'number' ? value : ''
  }
  const type = valueAt(draft, '/spec/resources/gpu/type')
  return {
    replicas: number('/spec/scaling/replicas'),
    gpuCount: number('/spec/resources/gpu/count'),
    gpuType: typeof type === 'string' ? type : '',
  }
}

/** What is about to be asked for, in a sentence. */
export function summarize(size: Size, at: DeployPlace, others: number): string {
  const { gpuCount, replicas } = size
  const count = replicas === '' ? 1 : replicas
  const first = at.namespace === '' ? at.instance : `${at.namespace} on ${at.instance}`
  const where = others === 0 ? first : `each of ${others + 1} places`
  const words = `${count} ${count === 1 ? 'replica' : 'replicas'} in ${where}`
  if (gpuCount === '') return words
  if (gpuCount === 0) return `${words}, without a GPU`
  const total = count * gpuCount * (others + 1)
  return `${words}, ${total} ${total === 1 ? 'GPU' : 'GPUs'} in all`
}
