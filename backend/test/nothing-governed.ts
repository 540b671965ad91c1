import { createConfirmations } from '#confirmations'
import { createProfiles } from '#instances'
import { createSealedText } from '#secrets'
import { defaultPolicy } from '../src/deployments/policies/find-refused.ts'
import type { Governance } from '../src/create-governance.ts'

/** Where no administrator said anything. */
export const nothingGoverned: Governance = {
  closures: { of: () => null, current: async () => null, follow: () => () => {} },
  policies: {
    of: async () => ({ ...defaultPolicy, source: 'default', changedAt: null, changedBy: null }),
    latest: () => ({ ...defaultPolicy, source: 'default', changedAt: null, changedBy: null }),
    read: async () => {},
    configured: null,
    follow: () => () => {},
  },
  profiles: createProfiles({
    of: () => undefined,
    modifiedAt: () => new Date(0),
    describe: (what) => what,
  }),
  templates: { list: async () => [], configured: null, follow: () => () => {} },
  budgets: {
    countCall: async () => {},
    hold: (_ctx, _claim, work) => work(),
    released: async () => {},
    usedBy: async () => new Map(),
  },
  confirmations: createConfirmations({
    sealed: createSealedText(['a secret of thirty-two characters'], 'confirmations'),
  }),
  history: { record: () => {}, flush: async () => {}, follow: () => () => {} },
  sealedHistory: createSealedText(['a secret of thirty-two characters'], 'history'),
  read: async () => {},
  follow: () => () => {},
}
