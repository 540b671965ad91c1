export { digestOf } from './digest.ts'
export { isSameText } from './is-same-text.ts'
export { PrivateText } from './private-text.ts'
export { createSealedText, type SealedText } from './sealed-text.ts'
