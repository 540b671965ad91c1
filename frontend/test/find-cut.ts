import type { Page } from '@playwright/test'

/**
 * The words of a page, as it is now, that do not fit where they stand: cut, with or without an ellipsis, or in a dialog that has
 * to be scrolled sideways, but for code.
 */
export function findCut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cuts = (overflow: string) => overflow === 'hidden' || overflow === 'clip'
    const isScrolledSideways = (element: Element) =>
      ['auto', 'scroll'].includes(getComputedStyle(element).overflowX) &&
      element.closest('[role="dialog"]') !== null &&
      element.closest('pre, textarea, input') === null &&
      element.querySelector(':scope > pre') === null
    const isCut = (element: Element) => {
      const style = getComputedStyle(element)
      const { clientHeight, clientWidth, scrollHeight, scrollWidth, textContent } = element
      // What is there for screen readers alone has a pixel.
      if (clientWidth <= 1 || style.visibility === 'hidden' || textContent.trim() === '')
        return false
      // A letter's tail may hang a little below its line.
      return (
        ((cuts(style.overflowX) || isScrolledSideways(element)) && scrollWidth > clientWidth + 1) ||
        (cuts(style.overflowY) && scrollHeight > clientHeight + 4)
      )
    }
    return [...document.body.querySelectorAll('*')]
      .filter(isCut)
      .map(
        ({ className, tagName, textContent }) => `${tagName} ${className}: ${textContent.trim()}`,
      )
  })
}
