/** How the plugin comes onto a machine of this kind, from this hub. */
export interface Platform {
  id: string
  title: string
  install: (origin: string) => string
  /** The same by a package manager that takes it from an address. */
  installByManager: (origin: string) => string
  /** How what was copied, or a secret, comes into a shell there. */
  save: (path: string) => string
  setSecret: string
  /** Null where the hub's own command does. */
  merge: ((fileName: string) => string) | null
  /** Of kubelogin, the other plugin that signs in this way. */
  kubelogin: string
}

const posix = {
  setSecret: "export OIDC_CLIENT_SECRET='<your-client-secret>'",
  merge: null,
}

const mac = (title: string, os: string): Platform => ({
  ...posix,
  id: os,
  title,
  install: (origin) => installByZip(origin, os, 'shasum -a 256 -c'),
  installByManager: (origin) => `brew tap-new --no-git hub/local
curl -fsSL -o "$(brew --repository hub/local)/Formula/kubectl-together_login.rb" ${origin}/cli/kubectl-together_login.rb
brew install hub/local/kubectl-together_login`,
  save: (path) => `mkdir -p "$HOME/.kube"\npbpaste > "${path}"`,
  kubelogin: 'brew install kubelogin',
})

const linux = (title: string, os: string): Platform => ({
  ...posix,
  id: os,
  title,
  install: (origin) => installByZip(origin, os, 'sha256sum -c'),
  installByManager: (origin) =>
    `kubectl krew install --manifest-url=${origin}/cli/together-login.yaml`,
  save: (path) => `mkdir -p "$HOME/.kube"\nxclip -selection clipboard -o > "${path}"`,
  kubelogin: 'kubectl krew install oidc-login',
})

export const platforms: readonly Platform[] = [
  mac('macOS Apple Silicon', 'darwin_arm64'),
  mac('macOS Intel', 'darwin_amd64'),
  linux('Linux amd64', 'linux_amd64'),
  linux('Linux arm64', 'linux_arm64'),
  {
    id: 'windows',
    title: 'Windows',
    install: (origin) => {
      const zip = 'kubectl-together_login_windows_amd64.zip'
      return `curl.exe -fsSL -O ${origin}/cli/${zip}
curl.exe -fsSL -O ${origin}/cli/${zip}.sha256
(Get-FileHash ${zip}).Hash -eq (Get-Content ${zip}.sha256).Split()[0]
Expand-Archive ${zip} -DestinationPath $HOME\\bin`
    },
    installByManager: (origin) => `scoop install ${origin}/cli/kubectl-together_login.json`,
    save: (path) =>
      `New-Item -ItemType Directory -Force $HOME\\.kube\nGet-Clipboard | Set-Content ${path.replaceAll('/', '\\')}`,
    setSecret: "$env:OIDC_CLIENT_SECRET = '<your-client-secret>'",
    merge: (fileName) => `$env:KUBECONFIG = "$HOME\\.kube\\config;$HOME\\.kube\\${fileName}"
kubectl config view --flatten | Set-Content -Encoding ascii $HOME\\.kube\\merged
Remove-Item Env:KUBECONFIG
Move-Item -Force $HOME\\.kube\\merged $HOME\\.kube\\config
kubectl config use-context ${fileName.replace('.yaml', '')}`,
    kubelogin: 'choco install kubelogin',
  },
]

/** The platform that a browser runs on, as far as it says; browsers on Apple Silicon say Intel, and most machines there are not. */
export function findPlatform(userAgent: string): Platform {
  const id = /Windows/.test(userAgent)
    ? 'windows'
    : /Macintosh|Mac OS X/.test(userAgent)
      ? 'darwin_arm64'
      : /aarch64|arm64/i.test(userAgent)
        ? 'linux_arm64'
        : 'linux_amd64'
  return platforms.find((each) => each.id === id)!
}

function installByZip(origin: string, os: string, check: string): string {
  const zip = `kubectl-together_login_${os}.zip`
  return `curl -fsSL -O ${origin}/cli/${zip}
curl -fsSL -O ${origin}/cli/${zip}.sha256
${check} ${zip}.sha256
unzip ${zip}
sudo mv kubectl-together_login /usr/local/bin/
rm ${zip} ${zip}.sha256`
}
