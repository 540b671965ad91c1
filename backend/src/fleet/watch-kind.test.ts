import { afterEach, describe, expect, it } from 'vitest'
import {
  ClusterError,
  kindBudget,
  kubePath,
  type KubeObject,
  type Transport,
  type WatchRequest,
} from '#kube'
import { holdTime } from '../../test/held-time.ts'
import { watchKind, type KindWatch } from './watch-kind.ts'

/** Listing everywhere is tried again within 30 s after it was refused. */
const retryMs = 30_000

const allSynced = {
  synced: true,
  known: true,
  covered: null,
  heardAt: expect.any(Number) as number,
  error: null,
}

const watches: KindWatch[] = []

afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop()
})

describe('watchKind', () => {
  it('watches all in one where all may be listed, and asks for no namespace', async () => {
    const { cluster, log, watch } = await start({ candidates: ['a', 'b'] })
    expect(watch.state()).toEqual(allSynced)
    expect(cluster.asked()).toEqual(['*'])
    expect(log).toEqual(['replace * with a/one b/two'])
    cluster.say('*', 'b/three')
    await settle()
    expect(log.at(-1)).toBe('ADDED b/three')
  })

  it('watches each candidate namespace that may be listed, where all may not', async () => {
    const { cluster, log, watch } = await start({ candidates: ['a', 'b', 'c'], refuse: ['*', 'b'] })
    const { covered, error, heardAt: _, ...state } = watch.state()
    expect(state).toEqual({ synced: true, known: true })
    expect([...covered!]).toEqual(['a', 'c'])
    expect(error).toMatchObject({ kind: 'forbidden' })
    expect(log.toSorted()).toEqual(['replace a with a/one', 'replace c with '])
    cluster.say('c', 'c/new')
    await settle()
    expect(log.at(-1)).toBe('ADDED c/new')
  })

  it('is not up to date where no namespace may be listed either', async () => {
    const { watch } = await start({ candidates: ['a'], refuse: ['*', 'a'] })
    expect(watch.state()).toMatchObject({
      synced: false,
      known: false,
      covered: null,
      error: { kind: 'forbidden' },
    })
    expect(watch.isWaiting()).toBe(true)
  })

  it('H50: what may not be listed any more stays old while it is being asked again', async () => {
    const { clock, cluster, watch } = await start({ candidates: null })
    await clock.advance(300_000)
    cluster.refuse.add('*')
    cluster.fail('*', 'gone')
    await settle()
    for (let asked = 0; asked < 5; asked += 1) {
      await clock.advance(retryMs)
      await settle()
      expect(watch.state()).toMatchObject({
        synced: false,
        known: true,
        error: { kind: 'forbidden' },
      })
    }
    cluster.hang.add('*')
    await clock.advance(retryMs)
    await settle()
    expect(watch.state()).toMatchObject({ synced: false, error: { kind: 'forbidden' } })
  })

  it('looks into no namespace of a kind that has none', async () => {
    const { cluster, watch } = await start({ candidates: null, refuse: ['*'] })
    expect(cluster.asked()).toEqual(['*'])
    expect(watch.state()).toMatchObject({ synced: false, error: { kind: 'forbidden' } })
  })

  it.each(['unauthorized', 'timeout', 'server', 'not-found'] as const)(
    'looks into no namespace after a failure that is no refusal: %s',
    async (kind) => {
      const { cluster } = await start({ candidates: ['a'], refuse: ['*'], as: kind })
      expect(cluster.asked()).toEqual(['*'])
    },
  )

  it('goes back to one watch of all when that is allowed, and ends those of namespaces', async () => {
    const { clock, cluster, log, watch } = await start({ candidates: ['a', 'b'], refuse: ['*'] })
    expect(cluster.open()).toEqual(['a', 'b'])
    cluster.refuse.clear()
    await clock.advance(retryMs)
    await settle()
    expect(watch.state()).toEqual(allSynced)
    expect(cluster.open()).toEqual(['*'])
    expect(log.at(-1)).toBe('replace * with a/one b/two')
  })

  it('joins new candidates and leaves those that are none any more', async () => {
    const candidates = ['a', 'b']
    const { clock, cluster, watch } = await start({ candidates, refuse: ['*'] })
    candidates.splice(0, 1, 'c')
    await clock.advance(retryMs)
    await settle()
    expect(cluster.open()).toEqual(['b', 'c'])
    expect([...watch.state().covered!]).toEqual(['b', 'c'])
    // What was open before was not opened anew.
    expect(cluster.asked().filter((scope) => scope === 'b')).toHaveLength(1)
  })

  it('joins new candidates at once when told, and forgets what it knew of those that left', async () => {
    const candidates = ['a', 'b']
    const { cluster, log, watch } = await start({ candidates, refuse: ['*'] })
    candidates.splice(0, 1, 'c')
    watch.lookAround()
    await settle()
    expect(cluster.open()).toEqual(['b', 'c'])
    expect(log).toContain('replace a with ')
    watch.stop()
    candidates.push('d')
    watch.lookAround()
    await settle()
    expect(cluster.asked()).not.toContain('d')
  })

  it('looks into no candidate that joins while all may be listed', async () => {
    const candidates = ['a']
    const { cluster, watch } = await start({ candidates })
    candidates.push('b')
    watch.lookAround()
    await settle()
    expect(cluster.asked()).toEqual(['*'])
  })

  it('watches 50 namespaces at most', async () => {
    const candidates = Array.from({ length: 60 }, (_, i) => `n${i}`)
    const { cluster } = await start({ candidates, refuse: ['*'] })
    expect(cluster.open()).toHaveLength(50)
  })

  it('stays up to date through a short interruption, not through a long one', async () => {
    const { clock, cluster, watch } = await start({ candidates: [] })
    const phases: boolean[] = []
    for (let i = 0; i < 4; i += 1) {
      cluster.fail('*', 'refused')
      await settle()
      phases.push(watch.state().synced)
      cluster.down.add('*')
      await clock.advance(retryMs)
      await settle()
    }
    expect(phases[0]).toBe(true)
    expect(phases.at(-1)).toBe(false)
    expect(watch.state()).toMatchObject({ known: true, error: { kind: 'refused' } })
    cluster.down.clear()
    await clock.advance(retryMs)
    await settle()
    expect(watch.state()).toEqual(allSynced)
  })

  it('H10: a watch that went silent is up to date no more, until it says something again', async () => {
    const { clock, cluster, log, watch } = await start({ candidates: [] })
    cluster.say('*', 'a/said')
    await settle()
    cluster.objects.splice(0, 1)
    const pass = async (seconds: number) => {
      for (let passed = 0; passed < seconds; passed += 5) {
        await clock.advance(5_000)
        await settle()
      }
    }
    await pass(125)
    expect(watch.state()).toMatchObject({ synced: true, heardAt: 0 })
    // The list that would tell is refused too: nothing of it is known for sure.
    cluster.refuse.add('*')
    await pass(5)
    expect(watch.state()).toMatchObject({ synced: false, heardAt: 0 })
    expect(watch.isWaiting()).toBe(true)
    cluster.refuse.clear()
    await pass(30)
    expect(log.at(-1)).toBe('replace * with b/two')
    cluster.say('*', 'a/again')
    await settle()
    expect(watch.state()).toEqual(allSynced)
  })

  it('H10: lists alone keep up with a watch that says nothing more, and it is said', async () => {
    const { clock, cluster, log, watch } = await start({ candidates: [] })
    cluster.say('*', 'a/said')
    await settle()
    cluster.objects.splice(0, 1)
    for (let seconds = 0; seconds < 130; seconds += 5) {
      await clock.advance(5_000)
      await settle()
    }
    expect(log.at(-1)).toBe('replace * with b/two')
    expect(watch.state()).toMatchObject({
      synced: false,
      known: true,
      heardAt: 130_000,
      error: { kind: 'silent' },
    })
    cluster.objects.push('c/three')
    for (let seconds = 0; seconds < 130; seconds += 5) {
      await clock.advance(5_000)
      await settle()
    }
    expect(log.at(-1)).toBe('replace * with b/two c/three')
    expect(watch.state().synced).toBe(false)
    // No more than one list in two minutes.
    expect(cluster.asked()).toHaveLength(3)
    cluster.say('*', 'a/again')
    await settle()
    expect(watch.state()).toEqual(allSynced)
  })

  it('H10: a server that never sends bookmarks is listed every two minutes, and is up to date', async () => {
    const { clock, cluster, watch } = await start({ candidates: [] })
    const states = new Set<boolean>()
    for (let seconds = 0; seconds < 600; seconds += 5) {
      await clock.advance(5_000)
      await settle()
      states.add(watch.state().synced)
    }
    expect([...states]).toEqual([true])
    expect(cluster.asked()).toHaveLength(1 + 4)
  })

  it.each<[string, (objects: string[]) => void]>([
    ['a new object', (objects) => void objects.push('a/unsaid@7')],
    ['a change', (objects) => void objects.splice(0, 1, 'a/one@7')],
    ['a deletion', (objects) => void objects.splice(0, 1)],
  ])('H10: a watch that kept back %s is not believed', async (_, change) => {
    const { clock, cluster, watch } = await start({ candidates: [] })
    change(cluster.objects)
    for (let seconds = 0; seconds < 135; seconds += 5) {
      await clock.advance(5_000)
      await settle()
    }
    expect(watch.state()).toMatchObject({ synced: false, error: { kind: 'silent' } })
  })

  it('H1: stops a watch that adds objects for ever, and keeps nothing of them', async () => {
    const { clock, cluster, log, watch } = await start({ candidates: [], objectsKeptMax: 20 })
    for (let index = 0; index < 30; index += 1) cluster.say('*', `a/more-${index}`)
    await settle()
    expect(watch.state()).toMatchObject({
      synced: false,
      error: {
        kind: 'too-much',
        message: 'has more than 20 of them that the hub would keep',
      },
    })
    expect(log.at(-1)).toBe('replace * with ')
    expect(cluster.open()).toEqual([])
    const asked = cluster.asked().length
    await clock.advance(240_000)
    await settle()
    expect(cluster.asked()).toHaveLength(asked)
    await clock.advance(60_000)
    await settle()
    expect(watch.state()).toEqual(allSynced)
  })

  it('H1: counts namespaces together, and what is being read of them', async () => {
    const { cluster, watch } = await start({
      candidates: ['a', 'b'],
      refuse: ['*'],
      objectsKeptMax: 3,
    })
    expect(cluster.open()).toEqual(['a', 'b'])
    cluster.say('a', 'a/more')
    await settle()
    expect([...watch.state().covered!]).toEqual(['a', 'b'])
    cluster.say('b', 'b/too-many')
    await settle()
    expect([...watch.state().covered!]).toEqual(['a'])
    const both = await start({ candidates: null, objectsKeptMax: 1 })
    expect(both.watch.state()).toMatchObject({ known: false, error: { kind: 'too-much' } })
    expect(both.log).toEqual(['replace * with '])
  })

  it('tells nothing more once it is stopped, and ends every loop', async () => {
    const { clock, cluster, log, loops, watch } = await start({
      candidates: ['a', 'b'],
      refuse: ['*'],
    })
    const said = log.length
    watch.stop()
    cluster.say('a', 'a/late')
    await Promise.all(loops)
    await clock.advance(retryMs)
    expect(log).toHaveLength(said)
    expect(cluster.open()).toEqual([])
    expect(clock.timers()).toBe(0)
    expect(loops).toHaveLength(3)
  })
})

async function start(options: {
  candidates: string[] | null
  /** Scopes that may not be listed: a namespace, or `*` for all. */
  refuse?: string[]
  as?: ClusterError['kind']
  objectsKeptMax?: number
}) {
  const clock = holdTime()
  const cluster = playCluster(options.as ?? 'forbidden')
  for (const scope of options.refuse ?? []) cluster.refuse.add(scope)
  const log: string[] = []
  const loops: Promise<void>[] = []
  const { candidates, objectsKeptMax } = options
  const objects = new Set<string>()
  const watch = watchKind<KubeObject>({
    transport: cluster.transport,
    timing: clock.timing,
    path: (namespace) =>
      namespace === null
        ? kubePath('api', 'v1', 'things')
        : kubePath('api', 'v1', 'namespaces', namespace, 'things'),
    candidates: candidates && (() => candidates),
    read: (object) => ({ kept: object, bytes: 100 }),
    size: () => ({ objects: objects.size, bytes: 0 }),
    budget: { ...kindBudget, ...(objectsKeptMax !== undefined && { objectsKeptMax }) },
    onReplace: (items, _, namespace) => {
      for (const name of objects) {
        if (namespace === null || name.startsWith(`${namespace}/`)) objects.delete(name)
      }
      for (const item of items) objects.add(nameOf(item))
      log.push(`replace ${namespace ?? '*'} with ${items.map(nameOf).join(' ')}`)
    },
    onEvent: ({ object, type }) => {
      objects.add(nameOf(object))
      log.push(`${type} ${nameOf(object)}`)
    },
    onState: () => {},
    track: (loop) => loops.push(loop),
  })
  watches.push(watch)
  await settle()
  return { clock, cluster, log, loops, watch }
}

/** A cluster with the objects a/one and b/two, as far as one kind goes. */
function playCluster(refusedAs: ClusterError['kind']) {
  const refuse = new Set<string>()
  const down = new Set<string>()
  const hang = new Set<string>()
  const asked: string[] = []
  const open = new Map<string, { say: (name: string) => void; fail: (error: Error) => void }>()
  const objects = ['a/one', 'b/two']

  const check = (scope: string) => {
    if (down.has(scope)) throw new ClusterError('refused', { message: 'refused the connection' })
    if (refuse.has(scope)) throw new ClusterError(refusedAs, { message: 'no', status: 403 })
  }
  const transport: Transport = {
    open: () => Promise.reject(new Error('Nothing passes through here.')),
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the interface's own claim
    request: async <T>({ path }: { path: string }) => {
      const scope = scopeOf(path)
      asked.push(scope)
      if (hang.has(scope)) await new Promise(() => {})
      check(scope)
      const items = objects.filter((name) => scope === '*' || name.startsWith(`${scope}/`))
      const body = { metadata: { resourceVersion: '2' }, items: items.map(toObject) }
      return { status: 200, body: body as T, auditId: null, warnings: [] }
    },
    watch: async function* ({ onOpen, path, signal }: WatchRequest) {
      const scope = scopeOf(path)
      check(scope)
      const waiting: KubeObject[] = []
      let wake = () => {}
      let failure: Error | null = null
      const abort = () => {
        failure = new ClusterError('aborted', { message: 'was not waited for' })
        wake()
      }
      signal?.addEventListener('abort', abort)
      open.set(scope, {
        say: (name) => {
          waiting.push(toObject(name))
          wake()
        },
        fail: (error) => {
          failure = error
          wake()
        },
      })
      onOpen?.()
      try {
        for (;;) {
          // What came before the end is still delivered, as from a socket's buffer.
          const object = waiting.shift()
          if (object) yield { type: 'ADDED' as const, object }
          // oxlint-disable-next-line typescript/only-throw-error -- it is null or an Error
          else if (failure) throw failure
          else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        open.delete(scope)
      }
    },
    renew: () => false,
    heardAt: () => 0,
    close: async () => {},
  }
  return {
    transport,
    refuse,
    /** Scopes whose lists never answer. */
    hang,
    objects,
    /** Scopes that cannot be connected to. */
    down,
    asked: () => asked,
    open: () => [...open.keys()].toSorted(),
    say: (scope: string, name: string) => open.get(scope)?.say(name),
    fail: (scope: string, kind: ClusterError['kind']) =>
      open.get(scope)?.fail(new ClusterError(kind, { message: 'broke' })),
  }
}

function scopeOf(path: string): string {
  return /\/namespaces\/([^/]+)\//.exec(path)?.[1] ?? '*'
}

function toObject(name: string): KubeObject {
  const [namespace, own, resourceVersion = '2'] = name.split(/[/@]/)
  return { metadata: { name: own!, namespace: namespace!, resourceVersion } }
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata?.namespace}/${metadata?.name}`
}

/** Lets everything that is due happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve))
}
