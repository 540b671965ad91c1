/** What the program ends with; docs/kubectl.md has the same table. */
export const exitCodes = {
  internal: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  'timed-out': 5,
  'needs-person': 6,
  cache: 7,
  'ports-taken': 8,
  'bad-token': 9,
} as const
export type Reason = keyof typeof exitCodes

/** Something a person can act on: its message is a sentence for them. */
export class Failure extends Error {
  readonly reason: Reason

  constructor(reason: Reason, message: string, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'Failure'
    this.reason = reason
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}
