export { AppError, type AppErrorOptions, type Denial } from './app-error.ts'
export { asAppError } from './as-app-error.ts'
