export { openLineOutput, type LineOutput } from './line-output.ts'
export { createLogger, type Logger, type LogLevel } from './logger.ts'
