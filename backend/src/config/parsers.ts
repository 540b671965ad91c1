import type { LogLevel } from '#log'
import { readList } from './read-list.ts'
import type { Reading } from './variable.ts'

export function parseText(text: string): string {
  return text
}

/** What goes into a header of requests as it is. */
export function parseHeaderText(text: string, { mistakes, name }: Reading): string {
  if (!/^[\x20-\x7E]+$/.test(text)) {
    mistakes.push(
      `${name} must be one line of ASCII characters; nothing else can be sent in a header.`,
    )
  }
  return text
}

/** The items of a comma list, in lower case. */
export function parseNames(text: string): string[] {
  return readList(text).map((item) => item.toLowerCase())
}

export function parseBoolean(text: string, { mistakes, name }: Reading): boolean {
  switch (text.toLowerCase()) {
    case 'true':
    case '1':
      return true
    case 'false':
    case '0':
      return false
    default:
      mistakes.push(`${name} must be true or false, not "${text}".`)
      // Whatever was meant, no second mistake comes of it.
      return true
  }
}

export function parsePort(text: string, { mistakes, name }: Reading): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  mistakes.push(`${name} must be a number from 0 to 65535, not "${text}".`)
  return 0
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export function parseLogLevel(text: string, { mistakes, name }: Reading): LogLevel {
  const level = logLevels.find((each) => each === text.toLowerCase())
  if (level) return level
  mistakes.push(`${name} must be one of ${logLevels.join(', ')}, not "${text}".`)
  return 'info'
}

export function parseCount(text: string, { mistakes, name }: Reading): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text)
  mistakes.push(`${name} must be a whole number from 1 on, not "${text}".`)
  return 1
}

/** A number of seconds, five minutes at most. */
export function parseSeconds(text: string, { mistakes, name }: Reading): number {
  const seconds = Number(text)
  if (/^[0-9]{1,3}$/.test(text) && seconds <= 300) return seconds
  mistakes.push(`${name} must be a number of seconds from 0 to 300, not "${text}".`)
  return 0
}

const secondsPerUnit = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** `30m`, `12h`: in seconds. */
export function parseDuration(text: string, { mistakes, name }: Reading): number {
  const match = /^([1-9][0-9]{0,6})(s|m|h|d)$/.exec(text)
  if (match) return Number(match[1]) * secondsPerUnit[match[2] as keyof typeof secondsPerUnit]
  mistakes.push(`${name} must be a duration such as 30m or 12h, not "${text}".`)
  return Infinity
}

/** In seconds. */
export function parseDays(text: string, { mistakes, name }: Reading): number {
  const days = /^([1-9][0-9]{0,4})d$/.exec(text)?.[1]
  if (days !== undefined) return Number(days) * secondsPerUnit.d
  mistakes.push(
    `${name} must be a number of days such as 400d, not "${text}"; leave it out to keep every row.`,
  )
  return Infinity
}
