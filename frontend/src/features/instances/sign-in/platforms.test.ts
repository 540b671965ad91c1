import { describe, expect, test } from 'vitest'
import { findPlatform, platforms } from './platforms.ts'

describe('the platform of a browser', () => {
  test.each([
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140', 'windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15', 'darwin_arm64'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140', 'linux_amd64'],
    ['Mozilla/5.0 (X11; Linux aarch64; rv:140.0) Gecko/20100101', 'linux_arm64'],
    ['', 'linux_amd64'],
  ])('%s is %s', (userAgent, id) => {
    expect(findPlatform(userAgent).id).toBe(id)
  })

  test('takes a secret as it is, and a home whose path has blanks', () => {
    for (const { setSecret } of platforms) expect(setSecret).toMatch(/'<your-client-secret>'$/)
    for (const { save } of platforms.filter(({ id }) => id !== 'windows')) {
      expect(save('$HOME/x')).not.toMatch(/(?<!")\$HOME/)
    }
  })

  test('has a build of this hub of its own', () => {
    for (const { install } of platforms) {
      expect(install('https://hub.example.com')).toMatch(
        /https:\/\/hub\.example\.com\/cli\/kubectl-together_login_\w+\.zip\.sha256/,
      )
    }
    expect(new Set(platforms.map(({ id }) => id)).size).toBe(platforms.length)
  })
})
