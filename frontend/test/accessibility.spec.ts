import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { expectNoSidewaysScrolling, signIn } from './portal.ts'

const pages = [
  ['sign-in', '/login', null],
  ['no access', '/', /nobody/i],
  ['instances', '/', /viewer/i],
  ['an instance', '/instances/demo-east', /viewer/i],
  ["an instance's cluster", '/instances/demo-east?tab=cluster', /admin/i],
  ['a lost cluster', '/instances/demo-lost?tab=cluster', /admin/i],
  ["a credential's permissions", '/instances/demo-east?tab=cluster', /admin/i, 'Details'],
  ['the credentials', '/admin/credentials', /admin/i],
  ['the form for a cluster', '/admin/credentials', /admin/i, 'Add a cluster'],
  ['the fleet', '/deployments', /viewer/i],
  ['the deploy form', '/instances/demo-east/deploy', /deployer/i],
  ['my access', '/access', /deployer/i],
  ['the form for a token', '/access', /deployer/i, 'New token'],
  ['a proof of who one is', '/login?again=true', null],
] as const

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, path, persona, button] of pages) {
    test(`${name} meets WCAG 2.2 AA in ${colorScheme}, and fits into 360 px`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      if (persona) await signIn(page, persona)
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.waitForLoadState('load')
      await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0)
      if (button !== undefined) await page.getByRole('button', { name: button }).click()
      await page.setViewportSize({ width: 360, height: 740 })
      await expectNoSidewaysScrolling(page)
      await page.setViewportSize({ width: 1280, height: 720 })
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([])
    })
  }
}
