export { escapeUnseen, showLine, showText } from './show-text.ts'
