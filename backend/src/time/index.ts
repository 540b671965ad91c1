export { measureElapsed } from './measure-elapsed.ts'
