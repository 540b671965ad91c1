export type { Forwarded } from './forward.ts'
export { openModel, type ModelRequest, type OpenedModel } from './open-model.ts'
export { readText } from './read-text.ts'
export { createServedNames, type ServedNames } from './served-names.ts'
