import { expect, type Page } from '@playwright/test'

const issuer = 'https://id.example.com/realms/ai'
const state = 'of-the-picture'

export async function typeProfile(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Set up sign-in' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Issuer').fill(issuer)
  await dialog.getByLabel('Client ID').fill('kubernetes')
  await dialog.getByLabel('Groups claim').fill('groups')
  await dialog.getByLabel('Groups prefix').fill('oidc:')
  await expect(dialog.getByText(/Group Membership/)).toBeVisible()
  await dialog.getByLabel('Issuer').focus()
}

/** A provider that leads back at once. */
export async function answerTrial(page: Page): Promise<void> {
  await page.route('**/oidc/trials', (route) =>
    route.fulfill({
      json: {
        trial: 'sealed',
        url: `${issuer}/authorize?state=${state}`,
        state,
        redirectUri: 'http://127.0.0.1:3001/cluster-sign-in',
        userCode: null,
        intervalSeconds: 0,
        endsAt: '2026-01-02T09:40:00Z',
      },
    }),
  )
  await page.route('**/oidc/trials/finish', (route) =>
    route.fulfill({
      json: {
        state: 'done',
        intervalSeconds: 0,
        username: 'ada@example.com',
        groups: ['oidc:ml-engineers', 'oidc:oncall'],
        items: [
          ['pass', 'sign-in', 'The provider signed you in, by PKCE.'],
          ['pass', 'signature', 'A key of the issuer signed the token with RS256.'],
          ['pass', 'issuer', 'The token names exactly this issuer.'],
          ['pass', 'audience', 'The token is for "kubernetes".'],
          ['warn', 'expiry', 'The token is good for 48 h. Have the provider issue shorter ones.'],
          ['pass', 'claim', 'The token has email.'],
          ['pass', 'email_verified', 'The provider has verified the address.'],
          ['pass', 'groups', 'The token names 2 of your groups.'],
        ].map(([outcome, name, detail]) => ({ outcome, name, detail })),
        claims: {
          iss: issuer,
          aud: 'kubernetes',
          sub: '7f1c2c52',
          email: 'ada@example.com',
          email_verified: true,
          groups: ['ml-engineers', 'oncall'],
        },
      },
    }),
  )
}

export async function trySignIn(page: Page): Promise<void> {
  await typeProfile(page)
  await page.getByRole('button', { name: 'Try the sign-in' }).click()
  await expect(page.getByRole('link', { name: /^Sign in at/ })).toBeVisible()
  await page.evaluate((query) => {
    const channel = new BroadcastChannel('hub-cluster-sign-in')
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    channel.postMessage({ type: 'answer', query })
    channel.close()
  }, `?state=${state}&code=c`)
  await expect(page.getByText('The cluster would let you in')).toBeVisible()
  const again = page.getByRole('button', { name: 'Try it again' })
  await again.evaluate((button) => button.scrollIntoView())
}

export async function answerWithKubeconfig(page: Page): Promise<void> {
  await page.route('**/api/instances/demo-east/kubeconfig', (route) =>
    route.fulfill({
      json: {
        fileName: 'demo-east-oidc.yaml',
        plugin: 'kubectl-together_login',
        needsSecret: false,
        username: '<email>',
        link: 'NoBodyGuessesThisLink0',
        mergeCommand:
          'touch "$HOME/.kube/merged" && chmod 600 "$HOME/.kube/merged" && KUBECONFIG="$HOME/.kube/config:$HOME/.kube/demo-east-oidc.yaml" kubectl config view --flatten > "$HOME/.kube/merged" && mv "$HOME/.kube/merged" "$HOME/.kube/config" && kubectl config use-context demo-east-oidc',
        kubeconfig: [
          'apiVersion: v1',
          'kind: Config',
          'clusters:',
          '  - name: demo-east',
          '    cluster:',
          '      server: https://k8s.example.com:6443',
          'users:',
          '  - name: demo-east-oidc',
          '    user:',
          '      exec:',
          '        apiVersion: client.authentication.k8s.io/v1',
          '        command: kubectl-together_login',
        ].join('\n'),
      },
    }),
  )
}

export async function seeKubeconfig(page: Page): Promise<void> {
  await expect(page.getByRole('region', { name: 'OIDC kubeconfig' })).toBeVisible()
  await page.getByRole('heading', { name: '1. Install the plugin' }).scrollIntoViewIfNeeded()
}

export async function waitForNobody(page: Page): Promise<void> {
  await expect(page.getByText('Nobody waits for this sign-in')).toBeVisible()
}
