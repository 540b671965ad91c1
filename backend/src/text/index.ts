export { escapeUnseen, showText } from './show-text.ts'
