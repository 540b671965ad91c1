import type { KubeObject, Untyped } from '../objects.ts'
import { parseQuantity } from '../quantity.ts'

/** Amounts by resource, in whole units: millicores of cpu, bytes of memory, numbers of GPUs. */
export type Amounts = Map<string, number>

/** What a pod takes on a node: its containers together, or more while it initializes, and its overhead. */
export function sumRequests({ spec }: KubeObject): Amounts {
  const running: Amounts = new Map()
  for (const container of spec.containers) addAmounts(running, toAmounts(container.resources))
  const sidecars: Amounts = new Map()
  const initializing: Amounts = new Map()
  for (const container of (spec.initContainers ?? []) as Untyped[]) {
    const own = toAmounts(container.resources)
    if (container.restartPolicy === 'Always') {
      addAmounts(running, own)
      addAmounts(sidecars, own)
      raise(initializing, sidecars)
    } else {
      addAmounts(own, sidecars)
      raise(initializing, own)
    }
  }
  raise(running, initializing)
  addAmounts(running, toAmounts({ requests: spec.overhead }))
  return running
}

export function readAmounts(quantities: Record<string, string> = {}): Amounts {
  return new Map(
    Object.entries(quantities).map(([resource, quantity]) => [
      resource,
      toWholeUnits(resource, parseQuantity(quantity) ?? 0),
    ]),
  )
}

export function addAmounts(sum: Amounts, more: Amounts): void {
  for (const [resource, amount] of more) sum.set(resource, (sum.get(resource) ?? 0) + amount)
}

function toAmounts(resources: Untyped): Amounts {
  return readAmounts({ ...resources?.limits, ...resources?.requests })
}

function raise(amounts: Amounts, atLeast: Amounts): void {
  for (const [resource, amount] of atLeast) {
    amounts.set(resource, Math.max(amounts.get(resource) ?? 0, amount))
  }
}

/** Rounded up, and past what binary fractions leave: 0.1 cpu is 100 millicores, not 101. */
function toWholeUnits(resource: string, amount: number): number {
  const units = resource === 'cpu' ? amount * 1000 : amount
  return Math.ceil(Math.round(units * 1e6) / 1e6)
}
