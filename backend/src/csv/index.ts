export { toCsvLine } from './write-line.ts'
