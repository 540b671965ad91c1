/** What every query of grants begins with: an approved request is a grant too. */
export const grantsKey = ['grants']
