export type Condition = {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  lastTransitionTime: string
  observedGeneration?: number
}

/** The conditions with one of them set; its transition time moves only with its status. */
export function setCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
): Condition[] {
  const existing = conditions.find((each) => each.type === next.type)
  const lastTransitionTime =
    existing?.status === next.status ? existing.lastTransitionTime : kubeTime()
  const condition = { ...next, lastTransitionTime }
  return existing
    ? conditions.map((each) => (each === existing ? condition : each))
    : [...conditions, condition]
}

export function kubeTime(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
