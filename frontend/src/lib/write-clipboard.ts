/** Whether the text is on the clipboard. Browsers have an API for it in secure contexts alone, and may refuse it; else it is copied as by hand. */
export async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyAsByHand(text)
  }
}

function copyAsByHand(text: string): boolean {
  const write = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    // What a page does with texts that people copy is not wanted here.
    event.stopImmediatePropagation()
  }
  // Something has to be selected, or there is nothing to copy. The focus stays where it is, in a dialog too.
  const holder = document.createElement('span')
  holder.textContent = text
  holder.ariaHidden = 'true'
  Object.assign(holder.style, {
    position: 'fixed',
    opacity: '0',
    whiteSpace: 'pre',
    userSelect: 'text',
  })
  document.body.append(holder)
  const selection = document.getSelection()
  const before = selection?.rangeCount ? selection.getRangeAt(0) : null
  selection?.selectAllChildren(holder)
  document.addEventListener('copy', write, { capture: true })
  try {
    return document.execCommand('copy')
  } finally {
    document.removeEventListener('copy', write, { capture: true })
    holder.remove()
    selection?.removeAllRanges()
    if (before) selection?.addRange(before)
  }
}
