import type { Permission } from '@hub/shared'

/**
 * Who may call an operation at all. `public`: anybody. `signed-in`: every person and program; they get what they may see.
 * `bearer`: those of
 * them who show a token, and no browser session. `person`: no program. `browser-session`: a person by the portal's cookie, and no token. Else whoever holds the
 * permission: in the whole hub, on the `:instance` of the path, or in its `:namespace`. `isFresh` takes a browser session
 * whose sign-in is at most 15 minutes old; a token passes where its rights suffice, unless `takesSession`.
 */
export type Policy =
  | 'public'
  | 'signed-in'
  | 'bearer'
  | 'person'
  | 'browser-session'
  | 'fresh-browser-session'
  | {
      permission: Permission
      scope: 'hub' | 'instance' | 'namespace'
      isFresh?: true
      takesSession?: true
    }
