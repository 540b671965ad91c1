export { createSetup, type Setup } from './create-setup.ts'
export { LinkMistake, makeLink } from './make-link.ts'
