export { createBearers, type Bearers } from './create-bearers.ts'
export { invalidToken } from './invalid-token.ts'
