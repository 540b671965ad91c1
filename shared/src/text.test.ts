import { describe, expect, test } from 'vitest'
import {
  AccessRequestInput,
  AuditFilter,
  CreateApiToken,
  DeploymentsQuery,
  GroupMappingInput,
  KnownGroupsQuery,
  PageQuery,
  RefuseAccessRequest,
  Setup,
  UsersQuery,
} from './index.ts'
import { IdText, LineText, ProseText } from './text.ts'

describe('texts', () => {
  const unkept = ['a\0b', 'a\u0007b', 'a\u001bb', 'a\u007fb', 'a\u0085b', 'a\ud800b', 'a\udc00b']
  const kept = ['plain', 'Zoë 你好', '👩‍🔬', 'a\u00a0b', 'ا ب']

  test.each(unkept)('H37: %j is no text anywhere', (text) => {
    for (const schema of [IdText, LineText, ProseText]) {
      expect(schema.safeParse(text).success).toBe(false)
    }
    const role = { role: 'viewer', namespaces: ['x'] }
    const inputs = [
      AccessRequestInput.safeParse({ ...role, reason: text, minutes: 60 }),
      RefuseAccessRequest.safeParse({ reason: text }),
      GroupMappingInput.safeParse({ ...role, groupId: text }),
      GroupMappingInput.safeParse({ ...role, groupId: 'g', groupName: text }),
      CreateApiToken.safeParse({ name: text, roleCeiling: 'viewer', expiresInDays: 1 }),
      Setup.safeParse({ code: text }),
      KnownGroupsQuery.safeParse({ q: text }),
      UsersQuery.safeParse({ q: text }),
      UsersQuery.safeParse({ cursor: text }),
      PageQuery.safeParse({ cursor: text }),
      DeploymentsQuery.safeParse({ q: text }),
      AuditFilter.safeParse({ q: text }),
    ]
    for (const { error, success } of inputs) {
      expect(success).toBe(false)
      expect(error!.issues).toHaveLength(1)
      expect(error!.issues[0]!.message).toContain('control characters')
    }
  })

  test.each(['a\u202eb', 'a\u2066b'])('what people write does not turn others: not %j', (text) => {
    for (const schema of [LineText, ProseText]) expect(schema.safeParse(text).success).toBe(false)
  })

  test.each(kept)('H37: %j is one', (text) => {
    for (const schema of [IdText, LineText, ProseText]) expect(schema.parse(text)).toBe(text)
  })

  test('H37: a reason may have lines, a name may not', () => {
    expect(ProseText.parse('one\r\n\ttwo\n')).toBe('one\r\n\ttwo')
    expect(LineText.safeParse('one\ntwo').success).toBe(false)
  })
})
