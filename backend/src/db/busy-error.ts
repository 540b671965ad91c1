/** Too much waits for the database already, or has waited too long; nothing of it was begun. */
export class BusyError extends Error {
  readonly code = 'BUSY'
}
