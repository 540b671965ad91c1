import { hash } from 'node:crypto'

const style = `
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2rem; font-size: 1.1rem; }
pre { padding: 0.75rem 1rem; border: 1px solid #8886; border-radius: 0.5rem; font: 0.875rem/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
`

const systems = [
  { title: 'macOS Apple Silicon', os: 'darwin_arm64', check: 'shasum -a 256 -c' },
  { title: 'macOS Intel', os: 'darwin_amd64', check: 'shasum -a 256 -c' },
  { title: 'Linux amd64', os: 'linux_amd64', check: 'sha256sum -c' },
  { title: 'Linux arm64', os: 'linux_arm64', check: 'sha256sum -c' },
]

/** How to install the plugin from this hub. Its address is checked: it needs no escaping. */
export function renderCliPage(origin: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in with kubectl · KubeAIRunway Hub</title>
<style>${style}</style>
<h1>Sign in with kubectl</h1>
<p>The plugin <code>kubectl together-login</code> signs you in at your organization's provider when kubectl needs it. Download it for your machine, check it, and put it on your PATH.</p>
${systems.map((system) => renderUnix(origin, system)).join('\n')}
<h2>Windows (PowerShell)</h2>
<pre>${renderWindows(origin)}</pre>
<p>On Windows on Arm, write <code>arm64</code> for <code>amd64</code>.</p>
<h2>Package managers</h2>
<pre>kubectl krew install --manifest-url=${origin}/cli/together-login.yaml
scoop install ${origin}/cli/kubectl-together_login.json</pre>
<p>Homebrew takes formulae from taps alone; this makes one on your machine:</p>
<pre>brew tap-new --no-git hub/local
curl -fsSL -o "$(brew --repository hub/local)/Formula/kubectl-together_login.rb" ${origin}/cli/kubectl-together_login.rb
brew install hub/local/kubectl-together_login</pre>
<h2>Then</h2>
<pre>kubectl together-login --help</pre>
</html>
`
}

function renderUnix(
  origin: string,
  { check, os, title }: { title: string; os: string; check: string },
): string {
  const zip = `kubectl-together_login_${os}.zip`
  return `<h2>${title}</h2>
<pre>curl -fsSL -O ${origin}/cli/${zip}
curl -fsSL -O ${origin}/cli/${zip}.sha256
${check} ${zip}.sha256
unzip ${zip}
sudo mv kubectl-together_login /usr/local/bin/
rm ${zip} ${zip}.sha256</pre>`
}

function renderWindows(origin: string): string {
  const zip = 'kubectl-together_login_windows_amd64.zip'
  return `curl.exe -fsSL -O ${origin}/cli/${zip}
curl.exe -fsSL -O ${origin}/cli/${zip}.sha256
(Get-FileHash ${zip}).Hash -eq (Get-Content ${zip}.sha256).Split()[0]
Expand-Archive ${zip} -DestinationPath $HOME\\bin`
}

/** A page that loads nothing, and whose one style is known (CSP 3 §2.3.1). */
export const cliPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
