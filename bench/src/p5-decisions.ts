import { decide, type Scope } from '@hub/backend/decide'
import type { Grant, Permission, Role } from '@hub/shared'
import { newModel, newEnforcer, type Enforcer } from 'casbin'
import { summarize, type Benchmark, round } from './benchmark.ts'

const instances = 100
const mappings = 500
const groups = 200
const users = 500
const groupsPerUser = 10
const namespaces = 20
const rounds = 5
const questionsPerRound = 1_000_000
const questionsOfPeer = 400
const goalPerSecond = 1_000_000

/** What a member of the group gets. */
type Mapping = { group: number; grant: Grant }
type Question = { user: number; permission: Permission; scope: Scope }

const levels: Record<Role, number> = { viewer: 1, deployer: 2, admin: 3 }
const asked: readonly (readonly [Permission, number])[] = [
  ['deployment.view', 1],
  ['deployment.create', 2],
  ['deployment.delete', 2],
  ['user.manage', 3],
]

/** The same rules in casbin's words: roles by level, `*` for all instances or namespaces, admins everywhere. */
const model = `
[request_definition]
r = sub, level, inst, ns
[policy_definition]
p = sub, level, inst, ns
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && p.level >= r.level && (p.level == 3 || r.level < 3 && (p.inst == "*" || p.inst == r.inst) && (p.ns == "*" || p.ns == r.ns))
`

export const decisions: Benchmark = {
  id: 'P5',
  async run(world) {
    const random = createRandom(5)
    const rules = Array.from({ length: mappings }, (_, index) => createMapping(index, random))
    const memberships = Array.from({ length: users }, () =>
      Array.from({ length: groupsPerUser }, () => random(groups)),
    )
    const grantsOf = memberships.map((own) =>
      rules.flatMap(({ grant, group }) => (own.includes(group) ? [grant] : [])),
    )
    const questions = Array.from({ length: 20_000 }, () => createQuestion(random))
    const now = new Date()
    const ask = ({ permission, scope, user }: Question) =>
      decide(grantsOf[user]!, permission, scope, now)

    const peer = await createPeer(rules, memberships)
    const compared = questions.slice(0, questionsOfPeer)
    const differing = compared.filter((question) => ask(question) !== askPeer(peer, question))
    if (differing.length > 0) {
      throw new Error(`casbin answers differently: ${JSON.stringify(differing[0])}`)
    }

    const rates: number[] = []
    const ratios: number[] = []
    for (let index = 1; index <= rounds; index += 1) {
      const ours = rate(questionsPerRound, (at) => ask(questions[at % questions.length]!))
      const theirs = rate(questionsOfPeer, (at) => askPeer(peer, questions[at]!))
      rates.push(ours)
      ratios.push(ours / theirs)
      world.say(`round ${index}: ${ours.toFixed(0)} decisions/s, casbin ${theirs.toFixed(0)}/s`)
    }
    const { range, value } = summarize(rates)
    const grantsPerUser = grantsOf.reduce((sum, own) => sum + own.length, 0) / users
    return {
      bench: 'P5',
      what: `decisions on one core with ${instances} instances, ${mappings} mappings, ${groups} groups, ${round(grantsPerUser)} grants a user; ${round(summarize(ratios).value)}× casbin, which answers the same`,
      peer: 'casbin on the same rules',
      unit: 'decisions/s',
      value,
      range,
      goal: `≥ ${goalPerSecond}`,
      holds: value >= goalPerSecond,
    }
  },
}

/** Every decision counts into the result, so that none is optimized away. */
function rate(count: number, decideAt: (index: number) => boolean): number {
  let allowed = 0
  const startedAt = performance.now()
  for (let index = 0; index < count; index += 1) if (decideAt(index)) allowed += 1
  const seconds = (performance.now() - startedAt) / 1000
  if (allowed === 0 || allowed === count) throw new Error('The questions have one answer only.')
  return count / seconds
}

function createMapping(index: number, random: (below: number) => number): Mapping {
  const role = index % 100 === 0 ? 'admin' : index % 3 === 0 ? 'deployer' : 'viewer'
  const isEverywhere = role === 'admin' || index % 25 === 0
  return {
    group: random(groups),
    grant: {
      id: `mapping-${index}`,
      role,
      instanceId: isEverywhere ? null : `cluster-${random(instances)}`,
      namespaces: role === 'admin' || index % 4 === 0 ? null : [`team-${random(namespaces)}`],
      source: 'group',
      endsAt: null,
    },
  }
}

function createQuestion(random: (below: number) => number): Question {
  const [permission] = asked[random(asked.length)]!
  const scope =
    permission === 'user.manage'
      ? { instance: null, namespace: null }
      : { instance: `cluster-${random(instances)}`, namespace: `team-${random(namespaces)}` }
  return { user: random(users), permission, scope }
}

async function createPeer(rules: readonly Mapping[], memberships: readonly number[][]) {
  const enforcer = await newEnforcer(newModel(model))
  for (const { grant, group } of rules) {
    const [namespace = '*'] = grant.namespaces ?? []
    const level = levels[grant.role]
    await enforcer.addPolicy(`group-${group}`, String(level), grant.instanceId ?? '*', namespace)
  }
  for (const [user, own] of memberships.entries()) {
    for (const group of new Set(own)) {
      await enforcer.addGroupingPolicy(`user-${user}`, `group-${group}`)
    }
  }
  return enforcer
}

function askPeer(enforcer: Enforcer, { permission, scope, user }: Question): boolean {
  const level = asked.find(([name]) => name === permission)![1]
  return enforcer.enforceSync(`user-${user}`, level, scope.instance ?? '', scope.namespace ?? '')
}

/** Mulberry32: the same questions in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
