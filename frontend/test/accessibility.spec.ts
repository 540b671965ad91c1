import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'

const pages = [
  ['sign-in', '/login', null],
  ['no access', '/', /nobody/i],
  ['instances', '/', /viewer/i],
  ['an instance', '/instances/demo-east', /viewer/i],
  ['the fleet', '/deployments', /viewer/i],
  ['the deploy form', '/instances/demo-east/deploy', /deployer/i],
] as const

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, path, persona] of pages) {
    test(`${name} meets WCAG 2.2 AA in ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      if (persona) {
        await page.goto('/')
        await page.getByRole('link', { name: /continue with demo sign-in/i }).click()
        await page.getByRole('button', { name: persona }).click()
        await page.waitForURL((url) => url.pathname === '/')
      }
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.waitForLoadState('load')
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([])
    })
  }
}
