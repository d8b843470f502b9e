import './style.css'
import { render } from 'preact'
import { App } from './app.js'
import { keepPainting, restorePainting } from './keep.js'
import { Studio } from './studio.js'
import { trustOwnScripts } from './trusted.js'

trustOwnScripts()
const studio = new Studio()
render(<App studio={studio} />, document.getElementById('page')!)
restorePainting(studio).then(() => keepPainting(studio))
