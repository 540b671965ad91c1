export { createMcp, type Mcp } from './create-mcp.ts'
export { challenge, mcpPages } from './pages.ts'
