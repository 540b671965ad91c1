// Sets the colour scheme and the density before the first paint. A file and not an inline script: the content security policy forbids those.
;(() => {
  let chosen = 'auto'
  let density = 'comfortable'
  try {
    chosen = localStorage.getItem('hub-color-scheme') ?? 'auto'
    density = localStorage.getItem('hub-density') ?? density
  } catch {
    // Storage may be forbidden; the system's scheme is right then.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-density', density)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
