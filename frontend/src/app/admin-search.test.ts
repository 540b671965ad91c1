import { describe, expect, test } from 'vitest'
import {
  readAskSearch,
  readAuditSearch,
  readPeopleSearch,
  readPlaceSearch,
  readWhySearch,
} from './admin-search.ts'

describe('what an address says about administration', () => {
  test('keeps what each list can do', () => {
    const audit = {
      q: 'ada',
      actor: 'oidc:ada',
      action: 'grant.create',
      outcome: 'denied',
      instance: 'prod-east',
      from: '2026-11-22T10:00:00Z',
      to: '2026-12-01',
      requestId: 'r',
      row: 12,
    } as const
    expect(readAuditSearch(audit)).toEqual(audit)
    expect(readPeopleSearch({ q: 'ada', status: 'disabled' })).toEqual({
      q: 'ada',
      status: 'disabled',
    })
    const place = {
      instance: 'prod-east',
      namespace: 'a',
      permission: 'deployment.create',
    } as const
    expect(readPlaceSearch(place)).toEqual(place)
  })

  test('a form to ask for access begins with what a link says, and only where it is open', () => {
    const ask = { ask: true, instance: 'prod-east', namespace: 'a', role: 'deployer' } as const
    expect(readAskSearch(ask)).toEqual(ask)
    expect(readAskSearch({ ask: true, instance: '../x', role: 'king' })).toEqual({ ask: true })
    expect(readAskSearch({ instance: 'prod-east' })).toEqual({})
  })

  test('asks why about one person or program, at one place', () => {
    const why = { user: 'u1', instance: 'prod-east', permission: 'deployment.create' } as const
    expect(readWhySearch(why)).toEqual(why)
    expect(readWhySearch({ service: 's1', namespace: 'a' })).toEqual({ service: 's1' })
    expect(readWhySearch({ user: 'u1', service: 's1' })).toEqual({ user: 'u1' })
    expect(readWhySearch({ user: ' ', service: ['s1'] })).toEqual({})
  })

  test('reads a number typed into a filter as text', () => {
    expect(readPeopleSearch({ q: 8 })).toEqual({ q: '8' })
    expect(readAuditSearch({ instance: 7 })).toEqual({ instance: '7' })
  })

  test('leaves out what makes no sense', () => {
    expect(
      readAuditSearch({ outcome: 'maybe', instance: '../x', from: 'yesterday', row: -1, q: ' ' }),
    ).toEqual({})
    expect(readPeopleSearch({ q: ['a'], status: 'asleep', cursor: 'x' })).toEqual({})
    expect(readPlaceSearch({ namespace: 'a', permission: 'fly' })).toEqual({})
  })
})
