export { confirmationOperations } from './operations.ts'
export { createConfirmations, type Confirmations, type Confirmed } from './require-confirmation.ts'
export type { ConfirmationDeps } from './decide-confirmation.ts'
export { deleteExpiredConfirmations } from './store.ts'
