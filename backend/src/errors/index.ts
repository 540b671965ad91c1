export { AppError, type AppErrorOptions, type Denial } from './app-error.ts'
