export { createMcp, type Mcp } from './create-mcp.ts'
export { mcpPages } from './pages.ts'
