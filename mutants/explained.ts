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
export const explained: readonly Explained[] = [
  {
    path: 'backend/src/rbac/authorize.ts',
    line: 'const isResting = scope.instance !== null',
    code: 'scope.instance !== null',
    becomes: 'true',
    why: 'No instance is named null, so none of that name rests.',
  },
  {
    path: 'backend/src/rbac/authorize.ts',
    line: 'if (instance === null || namespace === null',
    code: 'instance === null',
    becomes: 'false',
    why: 'No cluster of that name is asked, which the next condition says as well.',
  },
  {
    path: 'backend/src/rbac/authorize.ts',
    line: 'if (!isCaller(actor) || !isHidden(actor, permission, scope)) return null',
    code: '!isCaller(actor) || !isHidden(actor, permission, scope)',
    becomes: 'false',
    why: 'Without a cluster that hides something, the grants alone were the refusal, and refuse once more two lines below.',
  },
  {
    path: 'backend/src/rbac/authorize.ts',
    line: 'if (!isCaller(actor) || !isHidden(actor, permission, scope)) return null',
    code: '!isCaller(actor) || !isHidden(actor, permission, scope)',
    becomes: '!isCaller(actor) && !isHidden(actor, permission, scope)',
    why: 'As above.',
  },
  {
    path: 'backend/src/rbac/authorize.ts',
    line: 'const unanswered = clusterRights?.unanswered',
    becomes: 'clusterRights.unanswered',
    why: 'What is hidden is hidden by them: they are there.',
  },
  {
    path: 'backend/src/rbac/decide.ts',
    line: "if (required === 'admin' || scope.instance === null) return false",
    code: "required === 'admin'",
    becomes: 'false',
    why: 'Whoever is less than an administrator is refused by the first line; this one is for who changes that.',
  },
  {
    path: 'backend/src/rbac/explain-grant.ts',
    line: 'if (endsAt !== null && Date.parse(endsAt) <= now.getTime())',
    code: 'endsAt !== null',
    becomes: 'true',
    why: 'Of no time at all, Date.parse makes NaN, which is before nothing.',
  },
  {
    path: 'backend/src/rbac/require-fresh.ts',
    line: "const credential = actor.type === 'user' ? actor.credential : null",
    code: "actor.type === 'user'",
    becomes: 'true',
    why: 'A program has no such field: undefined is no more of a session than null.',
  },
  {
    path: 'backend/src/audit/chain.ts',
    line: '.toSorted(([one], [other])',
    code: 'one < other',
    becomes: 'one <= other',
    why: 'No object has a key twice.',
  },
  {
    path: 'backend/src/audit/check-rows.ts',
    line: "row.target?.['seq'] === checkpoint?.seq",
    code: 'checkpoint?.seq',
    becomes: 'checkpoint.seq',
    why: 'Without a checkpoint there is nothing to vouch for, and this is not reached.',
  },
  {
    path: 'backend/src/audit/check-rows.ts',
    line: "row.target?.['hash'] === checkpoint?.hash",
    code: 'checkpoint?.hash',
    becomes: 'checkpoint.hash',
    why: 'As above.',
  },
  {
    path: 'backend/src/audit/check-rows.ts',
    line: "row.target?.['hash'] === checkpoint?.hash",
    code: "row.target?.['hash']",
    becomes: "row.target['hash']",
    why: 'Without a target its number would be another already.',
  },
  {
    path: 'backend/src/audit/check-rows.ts',
    line: 'No row says that the retention removed',
    code: 'checkpoint?.seq',
    becomes: 'checkpoint.seq',
    why: 'Without a checkpoint all is vouched for.',
  },
  {
    path: 'backend/src/audit/check-rows.ts',
    line: 'Every head is from before row',
    code: 'checkpoint?.seq',
    becomes: 'checkpoint.seq',
    why: 'Without a checkpoint a head that no row has is a finding already.',
  },
  {
    path: 'backend/src/audit/signed-head.ts',
    line: 'if (!line.includes(\'"audit"\')) return null',
    code: '!line.includes(\'"audit"\')',
    becomes: 'false',
    why: 'It spares the parsing of lines that have no head, and finds none in them either.',
  },
]
