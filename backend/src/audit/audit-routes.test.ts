import { AuditPage } from '@hub/shared'
import { beforeAll, expect, test } from 'vitest'
import { describeHub } from '../../test/describe-hub.ts'
import { hubOrigin, type Browser } from '../../test/hub.ts'
import { recordAudit, type AuditEntry } from './emit.ts'
import { toCsvLine } from '#csv'
import { toPipeLine } from './export.ts'
import { readHead } from './signed-head.ts'
import { selectAuditRows } from './store.ts'
import { verifyAudit } from './verify.ts'

describeHub(
  '/api/admin/audit',
  {
    env: {
      HUB_ADMINS: 'oidc:root',
      HUB_GRANTS: JSON.stringify([{ principal: 'oidc:eve', role: 'viewer' }]),
    },
  },
  (world) => {
    let admin: Browser
    let viewer: Browser

    beforeAll(async () => {
      await write({
        at: '2026-01-01T10:00:00Z',
        requestId: 'first',
        target: { instance: 'prod-east' },
      })
      await write({ at: '2026-01-02T10:00:00Z', outcome: 'failure', reason: '100%_sure' })
      for (let index = 0; index < 1200; index += 1) {
        await write({ at: '2026-01-03T10:00:00Z', target: { instance: 'bulk', index } })
      }
      admin = world.hub.browser()
      viewer = world.hub.browser()
      await admin.signIn('root')
      await viewer.signIn('eve')
    })

    const write = ({
      at,
      requestId = 'r',
      ...entry
    }: Partial<AuditEntry> & { at: string; requestId?: string }) =>
      recordAudit(
        {
          actor: { type: 'system' },
          requestId,
          ip: '10.9.8.7',
          now: () => new Date(at),
          log: { info: () => undefined } as never,
          db: world.database.db,
        },
        { action: 'deployment.create', outcome: 'success', ...entry },
      )
    const list = async (query: string) => {
      const response = await admin.get(`/api/admin/audit${query}`)
      expect([query, response.status]).toEqual([query, 200])
      return AuditPage.parse(await response.json())
    }
    const seqs = async (query: string) => (await list(query)).items.map(({ seq }) => seq)

    test('403 for whoever may not view it, and nothing is exported', async () => {
      for (const path of ['/api/admin/audit', '/api/admin/audit/export?format=csv']) {
        const response = await viewer.get(path)
        expect([path, response.status]).toEqual([path, 403])
        expect(response.headers.get('content-type')).toBe('application/problem+json')
        const [row] = await selectAuditRows(world.database.db, 1)
        expect(row).toMatchObject({ action: 'access.denied', actor: 'oidc:eve' })
      }
    })

    test('pages come newest first, without gaps or repeats while rows are added', async () => {
      const seen: number[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: AuditPage = await list(`?limit=200${cursor && `&cursor=${cursor}`}`)
        seen.push(...page.items.map(({ seq }) => seq))
        cursor = page.next
        await write({ at: '2026-01-04T10:00:00Z' })
      }
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => seen.length - index))
      expect(seen.length).toBeGreaterThan(1200)
    })

    test('each filter keeps what matches, and they go together', async () => {
      expect(await seqs('?requestId=first')).toEqual([1])
      expect(await seqs('?instance=prod-east')).toEqual([1])
      expect(await seqs('?outcome=failure')).toEqual([2])
      expect(await seqs('?q=100%25_SURE')).toEqual([2])
      expect(await seqs('?q=100_%25sure')).toEqual([])
      expect(await seqs('?q=PROD-east')).toContain(1)
      expect(await seqs('?from=2026-01-01&to=2026-01-02T10:00:00Z')).toEqual([1])
      expect(await seqs('?from=2026-01-02T11:00:00%2B01:00&to=2026-01-03')).toEqual([2])
      expect(await seqs('?actor=system&action=deployment.create&instance=bulk&limit=1')).toEqual([
        1202,
      ])
      const signIns = await list('?action=auth.sign-in&actor=oidc:root')
      expect(signIns.items).toHaveLength(1)
      expect(signIns.items[0]).toMatchObject({ outcome: 'success', requestId: expect.any(String) })
    })

    test('a page names its actors; the hub itself and whom nobody knows have no name', async () => {
      await write({
        at: '2026-01-05T10:00:00Z',
        requestId: 'unknown',
        actor: { principal: 'service:gone@https://ci.example', userId: null },
      })
      const nameIn = async (query: string) => (await list(query)).items[0]?.actorName
      expect(await nameIn('?action=auth.sign-in&actor=oidc:eve')).toBe('eve')
      expect(await nameIn('?actor=system')).toBeNull()
      expect(await nameIn('?requestId=unknown')).toBeNull()
    })

    test.each(['?cursor=x', '?from=yesterday', '?outcome=odd', '?limit=0', '?other=1', '?q=%00'])(
      '400 for %s',
      async (query) => {
        expect((await admin.get(`/api/admin/audit${query}`)).status).toBe(400)
      },
    )

    test('400 for an export in no known format, and no row of an export', async () => {
      expect((await admin.get('/api/admin/audit/export?format=xml')).status).toBe(400)
      expect((await admin.get('/api/admin/audit/export')).status).toBe(400)
      expect(await seqs('?action=audit.export&outcome=failure')).toEqual([])
    })

    test('an export has every row that matches, oldest first, and is a row itself', async () => {
      const response = await admin.get('/api/admin/audit/export?format=jsonl&actor=system')
      expect(response.status).toBe(200)
      expect(response.headers.get('content-disposition')).toMatch(
        /^attachment; filename="audit-\d{4}-\d\d-\d\d\.jsonl"$/,
      )
      const lines = (await response.text()).trimEnd().split('\n')
      const rows = lines.map((line) => JSON.parse(line) as { seq: number; actor: string })
      expect(rows.slice(0, 1202).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 1202 }, (_, index) => index + 1),
      )
      const [row] = await selectAuditRows(world.database.db, 1)
      expect(row).toMatchObject({
        action: 'audit.export',
        actor: 'oidc:root',
        target: { format: 'jsonl', filter: { actor: 'system' } },
      })
    })

    test('CSV and pipe lines of one row', async () => {
      const csv = await (
        await admin.get('/api/admin/audit/export?format=csv&requestId=first')
      ).text()
      const [header, line, end] = csv.split('\r\n')
      expect(header).toMatch(/^seq,occurredAt,actor,userId,action,outcome,target,/)
      expect(line).toMatch(
        /^1,2026-01-01T10:00:00\.000Z,system,,deployment\.create,success,"\{""instance"":""prod-east""\}",,,,first,10\.9\.8\.7,,0{64},[0-9a-f]{64},$/,
      )
      expect(end).toBe('')
      const pipe = await admin.get('/api/admin/audit/export?format=pipe&requestId=first')
      expect(await pipe.text()).toBe(
        '2026-01-01 10:00:00 | USER: system | ACTION: deployment.create | NAMESPACE: - | RESULT: success | TOKEN_ID: -\n',
      )
    })

    test('a pipe line names the browser session or the API token that its actor came with', async () => {
      const { items } = (await (await admin.get('/api/auth/sessions')).json()) as {
        items: { id: string; isCurrent: boolean }[]
      }
      const session = items.find(({ isCurrent }) => isCurrent)!.id
      const input = { name: 'exports', roleCeiling: 'admin', expiresInDays: 1 }
      const made = await admin.send('POST', '/api/auth/tokens', input)
      const { secret, token } = (await made.json()) as { secret: string; token: { id: string } }
      const pipe = '/api/admin/audit/export?format=pipe'
      const bySession = (await admin.get(pipe)).headers.get('x-request-id')!
      const byToken = await world.hub.app.request(`${hubOrigin}${pipe}`, {
        headers: { authorization: `Bearer ${secret}` },
      })
      const linesOf = async (requestId: string) =>
        (await admin.get(`${pipe}&requestId=${requestId}`)).text()
      expect(await linesOf(bySession)).toMatch(new RegExp(`TOKEN_ID: ${session}\\n$`))
      expect(await linesOf(byToken.headers.get('x-request-id')!)).toMatch(
        new RegExp(`TOKEN_ID: ${token.id}\\n$`),
      )
    })

    test('what the hub logs is what its database has, with a signature on each line', async () => {
      const heads = world.hub.lines.map(readHead).filter((head) => head !== null)
      expect(heads.length).toBeGreaterThan(2)
      const { secrets } = world.hub.config.session
      const verification = await verifyAudit(world.database.db, { secrets, heads })
      expect(verification).toMatchObject({ findings: [], heads: heads.length })
    })
  },
)

test.each([
  ['=1+1', `'=1+1`],
  ['+1', `'+1`],
  ['-1', `'-1`],
  ['@SUM(A1)', `'@SUM(A1)`],
  ['\t=1', `'\t=1`],
  ['\r=1', `"'\r=1"`],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ['a,b', '"a,b"'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['a=b', 'a=b'],
])('the CSV cell %j is written as %j', (cell, written) => {
  expect(toCsvLine([cell, 'end'])).toBe(`${written},end\r\n`)
})

test('no value ends a pipe line or begins another field of it', () => {
  const line = toPipeLine({
    seq: 1,
    occurredAt: '2024-01-15T10:23:45.000Z',
    actor: 'oidc:\u001b[2J\u202ea | RESULT: success\n2024 | \\',
    userId: null,
    action: 'token.revoke',
    outcome: 'denied',
    target: { namespace: 'default\r', tokenId: 'abc123def456' },
    before: null,
    after: null,
    reason: null,
    requestId: 'r',
    ip: null,
    clusterAuditId: null,
    via: null,
    previousHash: null,
    hash: null,
  })
  expect(line).toBe(
    '2024-01-15 10:23:45 | USER: oidc:\\u001b[2J\\u202ea \\| RESULT: success\\n2024 \\| \\\\ | ACTION: token.revoke | NAMESPACE: default\\r | RESULT: denied | TOKEN_ID: abc123def456\n',
  )
})
