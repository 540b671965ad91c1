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
