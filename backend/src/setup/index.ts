export { createSetup } from './create-setup.ts'
export { deleteExpiredCodes } from './store.ts'
export { LinkMistake, makeLink } from './make-link.ts'
