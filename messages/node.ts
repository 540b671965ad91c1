/** As much of a syntax tree as collecting needs. */
export type Node = { type: string } & Record<string, unknown>
