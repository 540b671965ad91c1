import { expect, test } from 'vitest'
import { describeGatedHub } from '../test/describe-gated-hub.ts'

describeGatedHub('a hub whose PostgreSQL loses every packet', (world) => {
  const count = async () => world.database.db.read.$count(world.database.db.tables.consumedLogins)

  test('H34: every request is answered with 503 meanwhile, and the hub heals when packets flow again', async () => {
    const root = world.hub.browser()
    await root.signIn('root')
    expect((await root.get('/readyz')).status).toBe(200)
    // As many as there are connections, and more.
    await Promise.all(Array.from({ length: 30 }, () => root.get('/api/admin/users')))
    world.gate.freeze()
    const heardAt = world.db.heardAt()
    const paths = ['/api/admin/users', '/api/admin/audit', '/api/auth/sessions']
    const asked = Array.from({ length: 12 }, () => paths).flat()
    const answers = await Promise.all(asked.map((path) => root.get(path)))
    for (const answer of answers) {
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('2')
      expect(await answer.json()).toMatchObject({ code: 'unavailable' })
    }
    await expect
      .poll(async () => (await world.hub.browser().get('/readyz')).status, { timeout: 30_000 })
      .toBe(503)
    expect((await world.hub.browser().get('/livez')).status).toBe(200)
    const change = await root.send('POST', '/api/admin/group-mappings', {
      groupId: 'g',
      role: 'viewer',
    })
    expect(change.status).toBe(503)
    expect((await world.hub.browser().signIn('new')).status).toBe(503)

    // No RST: what was open stays dead, and only what is opened now gets through.
    world.gate.thaw()
    // One after the other is found to be dead: until none of them is.
    const askMany = async () => {
      const many = Array.from({ length: 30 }, () => root.get('/api/admin/users'))
      return new Set((await Promise.all(many)).map(({ status }) => status))
    }
    await expect.poll(askMany, { timeout: 30_000 }).toEqual(new Set([200]))
    expect((await world.hub.browser().get('/readyz')).status).toBe(200)
    await expect.poll(() => world.db.heardAt(), { timeout: 30_000 }).toBeGreaterThan(heardAt)
    const subjects: string[] = []
    world.db.onChange(({ subject }) => void subjects.push(subject))
    await world.database.db.transaction((tx) =>
      tx.announce({ topic: 'user', subject: 'heard again' }),
    )
    await expect.poll(() => subjects, { timeout: 20_000 }).toContain('heard again')
  }, 120_000)

  test('H34: of what was being committed when it fell silent, the answer says that nobody knows', async () => {
    const before = await count()
    const insert = (idHash: string, moment: 'in work' | 'at the commit') =>
      world.db.transaction(async (tx) => {
        await tx.queries.insert(tx.tables.consumedLogins).values({ idHash, expiresAt: new Date() })
        if (moment === 'in work') world.gate.freeze()
        await tx.queries.$count(tx.tables.consumedLogins)
        if (moment === 'at the commit') world.gate.freeze()
      })
    for (const moment of ['in work', 'at the commit'] as const) {
      const failure = await insert(moment, moment).catch((error: unknown) => error)
      expect(failure).toMatchObject({
        code: 'unavailable',
        detail: expect.stringContaining('check whether your change was made') as string,
        outcome: moment === 'in work' ? undefined : 'unknown',
      })
      world.gate.thaw()
      await expect
        .poll(
          () =>
            world.db.ping().then(
              () => 'up',
              () => 'away',
            ),
          { timeout: 60_000 },
        )
        .toBe('up')
    }
    // The gate let neither COMMIT through.
    expect(await count()).toBe(before)
  }, 180_000)
})
