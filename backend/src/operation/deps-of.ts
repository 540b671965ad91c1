type DepsOfOne<Each, Verb extends string> = Each extends {
  [V in Verb]: (first: never, deps: infer Deps, ...rest: never[]) => unknown
}
  ? (deps: Deps) => void
  : never

/** What all of a list need together, whose verb takes it second. */
export type DepsOf<List extends readonly unknown[], Verb extends string> =
  DepsOfOne<List[number], Verb> extends (deps: infer All) => void ? All : never
