const dark = matchMedia('(prefers-color-scheme: dark)')

function follow() {
  // The portal's own choice counts here too.
  const chosen = localStorage.getItem('hub-color-scheme')
  const isDark = chosen === 'dark' || (chosen !== 'light' && dark.matches)
  document.documentElement.classList.toggle('dark-mode', isDark)
}
follow()
dark.addEventListener('change', follow)

const nothing = () => () => null

window.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'list',
  filter: true,
  displayOperationId: false,
  defaultModelsExpandDepth: -1,
  validatorUrl: null,
  supportedSubmitMethods: ['get'],
  plugins: [
    {
      // A page can set no session cookie, so there is nothing to fill in: who is signed in to the portal is it here.
      wrapComponents: { authorizeBtn: nothing, authorizeOperationBtn: nothing },
      statePlugins: {
        spec: {
          wrapSelectors: {
            // Streams have no end and sign-in leads elsewhere: what answers JSON can be tried.
            allowTryItOutFor: () => (state, path, method) =>
              method === 'get' &&
              state.hasIn([
                'json',
                'paths',
                path,
                method,
                'responses',
                '200',
                'content',
                'application/json',
              ]),
          },
        },
      },
    },
  ],
})
