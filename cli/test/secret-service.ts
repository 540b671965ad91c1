import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How to run a shell script in a session of its own with a secret service, whose keyring is open or locked. */
export function inSecretService(
  daemon: string,
  script: string,
  { isUnlocked = true } = {},
): [file: string, args: string[]] {
  const start = isUnlocked
    ? `printf password | '${daemon}' --unlock --components=secrets >/dev/null 2>&1`
    : `'${daemon}' --start --components=secrets >/dev/null 2>&1`
  return ['dbus-run-session', ['--', '/bin/sh', '-c', `${start}; ${script}`]]
}

/** What locks the keyring, as a screen that is locked does. */
export const lockKeyring =
  'dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null'

/** In this home, the window that asks for the keyring's password is one that nobody sees. Resolves with the variables for it. */
export async function hidePrompts(home: string): Promise<Record<string, string>> {
  const services = join(home, 'data', 'dbus-1', 'services')
  await mkdir(services, { recursive: true })
  await writeFile(
    join(services, 'prompter.service'),
    '[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=/bin/sh -c "exec sleep 60 >/dev/null 2>&1"\n',
  )
  return { XDG_DATA_HOME: join(home, 'data') }
}
