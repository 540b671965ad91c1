// Sets the colour scheme and the density before the first paint. The build puts it into the portal's page, whose policy names its hash.
;(() => {
  let chosen = 'auto'
  let density = 'comfortable'
  try {
    chosen = localStorage.getItem('hub-color-scheme') ?? 'auto'
    density = localStorage.getItem('hub-density') ?? density
  } catch {
    // Storage may be forbidden; the system's scheme is right then.
  }
  const system = matchMedia('(prefers-color-scheme: dark)')
  const show = () => {
    const dark = chosen === 'dark' || (chosen !== 'light' && system.matches)
    document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
  }
  document.documentElement.setAttribute('data-density', density)
  show()
  // The portal follows by itself, by what is chosen there then.
  system.addEventListener('change', () => document.getElementById('root') ?? show())
})()
