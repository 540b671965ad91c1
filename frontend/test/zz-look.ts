import { chromium } from '@playwright/test'
import { findChromium } from './chromium.ts'
const base = 'http://localhost:3978'
const browser = await chromium.launch({ ...(await findChromium()) })
for (const scheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width: 1280, height: 900 },
  })
  const page = await context.newPage()
  page.on('pageerror', (e) => console.log('PAGEERROR', e.message))
  page.on('console', (m) => {
    if (m.type() === 'error') console.log('CONSOLE', m.text().slice(0, 200))
  })
  await page.goto(base)
  await page.getByRole('link', { name: /demo/i }).first().click()
  await page.getByRole('button', { name: /admin/i }).first().click()
  await page.waitForURL(`${base}/**`)
  await page.goto(`${base}/instances`)
  await page.getByRole('link', { name: 'demo-east' }).first().click()
  await page.goto(page.url().split('?')[0] + '?tab=cluster')
  await page.waitForTimeout(2500)
  if (scheme === 'light') {
    await page.getByRole('button', { name: /sign-in/ }).click()
    await page.getByLabel('Issuer').fill('https://id.example.invalid')
    await page.getByLabel('Client ID').fill('kubernetes')
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.waitForTimeout(2500)
    await page.screenshot({ path: '/tmp/w/look-profile.png' })
    await page.getByRole('button', { name: 'Save sign-in' }).click()
    await page.waitForTimeout(1500)
  }
  await page.getByRole('button', { name: 'View OIDC kubeconfig' }).click()
  await page.waitForTimeout(800)
  await page.screenshot({ path: `/tmp/w/look-instance-${scheme}.png`, fullPage: true })
  await page.goto(`${base}/me`)
  await page.waitForTimeout(1500)
  await page.screenshot({ path: `/tmp/w/look-me-${scheme}.png`, fullPage: true })
  await page.goto(`${base}/deployments?status=running`)
  await page.waitForTimeout(2000)
  const row = page.getByRole('row').nth(2)
  await row.getByRole('link').first().click()
  await page.waitForTimeout(2500)
  await page.screenshot({ path: `/tmp/w/look-deployment-${scheme}.png`, fullPage: true })
  await page.setViewportSize({ width: 360, height: 800 })
  await page.waitForTimeout(800)
  await page.screenshot({ path: `/tmp/w/look-deployment-narrow-${scheme}.png`, fullPage: true })
  await context.close()
}
await browser.close()
