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
  kubeconfig: {
    sources: [
      'backend/src/kube/{addresses,client-certificate,decode-text,judge-exec-plugin,kubeconfig-job,parse-kubeconfig,split-contexts}.ts',
      'backend/src/kube/read-{cluster,context,field,user,yaml}.ts',
      ...production('backend/src/yaml'),
    ],
    // Not those of whole hostile files: they take a second for each change, and notice nothing that these do not.
    tests: [
      'backend/src/kube/{addresses,client-certificate,decode-text,judge-exec-plugin,kubeconfig-job,split-contexts}.test.ts',
      'backend/src/kube/read-*.test.ts',
      'backend/src/yaml/*.test.ts',
    ],
    least: 95,
  },
  fleet: {
    sources: ['backend/src/fleet/visibility.ts', 'shared/src/deployment-filter.ts'],
    tests: ['backend/src/fleet/visibility.test.ts', 'shared/src/deployment-filter.test.ts'],
    least: 95,
  },
  lists: {
    sources: [
      'backend/src/deployments/{build-page,find-first,list-deployments,sync-states,visible-counts}.ts',
    ],
    // Not those of lists made by chance: they take seconds for each change, and notice some of them by luck alone.
    tests: [
      'backend/src/deployments/{build-page,find-first,partial-lists,sync-states,visible-counts}.test.ts',
    ],
    least: 95,
  },
  config: {
    sources: [
      'backend/src/config/*.ts',
      ...production('backend/src/config/variables'),
      '!backend/src/config/*.test.ts',
      '!backend/src/config/{config,index,read-choice,read-database,read-postgres-url}.ts',
      '!backend/src/config/read-ssl-parameters.ts',
    ],
    tests: [
      'backend/src/config/{check-authorities,client-key,configuration-page,derive-keys,hide-password}.test.ts',
      'backend/src/config/{load-config,read-credential,read-doors,read-list,read-prometheus,settings}.test.ts',
    ],
    least: 95,
  },
  'config-database': {
    sources: ['backend/src/config/read-{choice,database,postgres-url,ssl-parameters}.ts'],
    tests: ['backend/src/config/read-{database,postgres-url}.test.ts'],
    least: 95,
  },
  'config-file': {
    sources: production('backend/src/config/file'),
    tests: ['backend/src/config/file/*.test.ts'],
    least: 95,
  },
  access: {
    sources: [
      'backend/src/access/{plan-group-grants,vouched-grants}.ts',
      'backend/src/access/requests/policy.ts',
    ],
    tests: [
      'backend/src/access/{plan-group-grants,vouched-grants}.test.ts',
      'backend/src/access/requests/policy.test.ts',
    ],
    least: 90,
  },
  audit: {
    sources: ['backend/src/audit/{chain,check-rows,signed-head}.ts'],
    tests: ['backend/src/audit/{check-rows,hash-row,signed-head}.test.ts'],
    least: 90,
  },
}
