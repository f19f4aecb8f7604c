import { render } from 'preact'
import { App } from './app.js'
import './style.css'
import { applyTheme, readTheme } from './theme.js'

applyTheme(readTheme())
const place = document.getElementById('app')
if (place !== null) render(<App />, place)
