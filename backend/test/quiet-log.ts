import { createLogger, type Logger } from '#log'

export const quietLog: Logger = createLogger('silent')
