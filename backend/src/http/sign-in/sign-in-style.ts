/** The colours are those of the portal's theme; `/color-scheme.js` says which of them somebody chose there. */
const light = `
color-scheme: light;
--text: #1b1f27; --dimmed: #565d69; --page: #f6f7f9; --surface: #ffffff; --hover: #eef0f4;
--border: #dfe2e8; --control: #8b93a1; --focus: #3b5bdb; --bad: #c92a2a; --warning: #b35900;
`
const dark = `
color-scheme: dark;
--text: #d6d9df; --dimmed: #9aa1ad; --page: #16181d; --surface: #1e2127; --hover: #262a31;
--border: #343943; --control: #656d7a; --focus: #91a7ff; --bad: #ff8787; --warning: #ffc078;
`

export const signInStyle = `
:root { ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
:root[data-mantine-color-scheme="light"] { ${light} }
:root[data-mantine-color-scheme="dark"] { ${dark} }
*, ::before, ::after { box-sizing: border-box; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { display: grid; place-items: center; grid-template-columns: minmax(0, 1fr); min-height: 100dvh; padding: 1rem; }
.card { display: flex; flex-direction: column; gap: 0.75rem; width: min(100%, 25rem); padding: 2rem; border: 1px solid var(--border); border-radius: 1rem; background: var(--surface); }
.brand { align-self: center; }
h1, p { margin: 0; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; font-weight: 650; line-height: 1.35; text-align: center; }
.lead { color: var(--dimmed); font-size: 0.875rem; text-align: center; margin-bottom: 0.5rem; }
.notice { margin-bottom: 0.25rem; padding: 0.75rem 1rem; border: 1px solid var(--border); border-left: 4px solid var(--tone); border-radius: 0.25rem; font-size: 0.875rem; }
.notice:focus-visible { outline: 1px solid var(--tone); outline-offset: 0; }
.notice strong { display: block; color: var(--tone); }
.bad { --tone: var(--bad); }
.warning { --tone: var(--warning); }
.reference { margin-top: 0.25rem; color: var(--dimmed); font-size: 0.75rem; }
.button { display: flex; align-items: center; justify-content: center; gap: 0.625rem; width: 100%; min-height: 2.75rem; padding: 0.5rem 1rem; border: 1px solid var(--control); border-radius: 0.25rem; background: var(--surface); color: var(--text); font: inherit; font-size: 0.9375rem; font-weight: 600; text-align: center; text-wrap: balance; text-decoration: none; cursor: pointer; }
.button:hover { background: var(--hover); }
.primary { border-color: #3b5bdb; background: #3b5bdb; color: #ffffff; }
.primary:hover { background: #364fc7; }
.button svg { flex: none; }
form { display: flex; flex-direction: column; gap: 0.75rem; font-size: 0.875rem; }
label { display: block; margin-bottom: 0.25rem; font-weight: 500; }
input { width: 100%; min-height: 2.5rem; padding: 0.25rem 0.75rem; border: 1px solid var(--control); border-radius: 0.25rem; background: var(--surface); color: var(--text); font: inherit; font-size: 1rem; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; }
@media (max-width: 36em) { .card { padding: 1.25rem; } }
`
