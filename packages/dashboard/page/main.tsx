import './style.css'
import 'uplot/dist/uPlot.min.css'
import { render } from 'preact'
import { App } from './app.js'
import { Live } from './live.js'

render(<App live={new Live()} />, document.getElementById('page')!)
