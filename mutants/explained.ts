export type Explained = {
  path: string
  /** A part of the line on which the change begins. */
  line: string
  /** What it replaces, where the line alone does not say. */
  code?: string
  becomes: string
  why: string
}

/** Changes that no test can notice, because they change nothing that anybody could see. */
export const explained: readonly Explained[] = []
