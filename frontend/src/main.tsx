import './lib/strict-csp.ts'
import { startApp } from './app/start.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element with the id "root"')
startApp(root)
