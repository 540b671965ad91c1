import { describe, expect, it } from 'vitest'
import { groupEvents } from './group-events.ts'

const event = (name: string, message: string, more: object = {}) => ({
  involvedObject: { kind: 'Pod', name },
  type: 'Warning',
  reason: 'BackOff',
  message,
  lastTimestamp: '2026-06-01T12:00:00Z',
  ...more,
})
const all = () => true

describe('groupEvents', () => {
  it('shows a message without what terminals obey and what turns the text beside it', () => {
    const { items } = groupEvents([event('a', '\u001b[31mfailed\u001b[0m \u202Edeliaf')], all)
    expect(items[0]!.message).toBe('failed deliaf')
  })

  it('counts together what says the same of several, whatever their names', () => {
    const { items } = groupEvents(
      [
        event('pod-1', 'restarting pod pod-1', {
          count: 3,
          firstTimestamp: '2026-06-01T11:00:00Z',
        }),
        event('pod-2', 'restarting pod pod-2', {
          series: { count: 2 },
          lastTimestamp: '2026-06-01T13:00:00Z',
        }),
        event('pod-1', 'another'),
      ],
      all,
    )
    expect(items).toMatchObject([
      {
        message: 'restarting pod pod-2',
        objects: ['pod-1', 'pod-2'],
        count: 5,
        firstAt: '2026-06-01T11:00:00Z',
        lastAt: '2026-06-01T13:00:00Z',
      },
      { message: 'another', objects: ['pod-1'], count: 1 },
    ])
  })

  it('has what is asked about alone, and says where it has not all', () => {
    const events = Array.from({ length: 5_000 }, (_, i) => event(`p${i % 2}`, `message ${i}`))
    const { isCut, items } = groupEvents(events, ({ name }) => name === 'p1')
    expect([items.length, isCut]).toEqual([200, true])
    expect(items.every(({ objects }) => objects[0] === 'p1')).toBe(true)
  })

  it('takes whatever an event holds', () => {
    const odd = [{}, { involvedObject: 7, message: {}, count: 'x', lastTimestamp: 'soon' }]
    expect(groupEvents(odd, all).items).toMatchObject([{ count: 2, message: '', lastAt: null }])
  })
})
