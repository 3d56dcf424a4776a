import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { startSession } from './auth/session.ts'
import './app/portal.css'

const root = document.getElementById('root')
if (root === null) throw new Error('Cannot start the portal: its page has no place for it')
startSession()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
