export type Area = {
  /** What is changed; patterns from the root, `!` leaves out. */
  sources: readonly string[]
  /** The tests that must notice. */
  tests: readonly string[]
  /** Per cent of the changes that must be noticed; in `strict`, of those in files whose path has one of these ends. */
  least: number
  strict?: { least: number; files: readonly string[] }
}

const production = (folder: string) => [`${folder}/**/*.ts`, `!${folder}/**/*.test.ts`]

/** The code where a wrong condition gives somebody what is not theirs, or takes it away. */
export const areas: Record<string, Area> = {
  rbac: {
    sources: production('backend/src/rbac'),
    tests: ['backend/src/rbac/*.test.ts'],
    least: 90,
    strict: { least: 95, files: ['decide.ts'] },
  },
}
