import { useEffect, useReducer, useState } from 'preact/hooks'
import { ChooseFile } from './choose-file.js'
import { Colours } from './colours.js'
import { readDrawing } from './read-picture.js'
import { Reference } from './reference.js'
import { saveLayers, savePng } from './save.js'
import { Sheet } from './sheet.js'
import type { Studio } from './studio.js'

/** Pictures, and layers that the page has saved. */
const DRAWINGS = 'image/*,.ora'

export function App({ studio }: { studio: Studio }) {
  const [, update] = useReducer((count: number) => count + 1, 0)
  useEffect(() => studio.onChange(() => update(undefined as never)), [studio])
  const [share, setShare] = useState(1)
  const [zoom, setZoom] = useState(0)
  const [shows, setShows] = useState({ colours: true, strokes: true })
  const open = (file: File | undefined) => openFile(studio, file)
  useDrop(open)
  useShortcuts(studio, {
    zoom: (by) => setZoom((now) => clampZoom(now + by)),
    fit: () => setZoom(0),
    share: setShare,
  })
  const { drawing, coloured } = studio
  return (
    <>
      <header>
        <h1>dlkit paint</h1>
        <p class="quiet" role="status">
          {statusOf(studio)}
        </p>
        {studio.message && (
          <p class="message" role="alert">
            {studio.message}
          </p>
        )}
        <div class="tools" role="toolbar" aria-label="Tools">
          <ChooseFile button="Open …" label="Picture to paint" accept={DRAWINGS} onFile={open} />
          <button type="button" title="Ctrl Z" disabled={!studio.canUndo} onClick={() => studio.undo()}>
            Undo
          </button>
          <button type="button" title="Ctrl Shift Z" disabled={!studio.canRedo} onClick={() => studio.redo()}>
            Redo
          </button>
          <button type="button" disabled={studio.strokes.length === 0} onClick={() => studio.clear()}>
            Remove strokes
          </button>
          <label>
            Brush
            <input
              type="range"
              min="0.25"
              max="4"
              step="0.25"
              value={share}
              title="Keys [ and ]"
              onInput={(event) => setShare(Number(event.currentTarget.value))}
            />
          </label>
          <button
            type="button"
            title="Key -"
            aria-label="Zoom out"
            onClick={() => setZoom(clampZoom(zoom - 1))}
          >
            −
          </button>
          <button type="button" title="Key 0" onClick={() => setZoom(0)}>
            Fit
          </button>
          <button
            type="button"
            title="Key +"
            aria-label="Zoom in"
            onClick={() => setZoom(clampZoom(zoom + 1))}
          >
            +
          </button>
          <label>
            <input
              type="checkbox"
              checked={shows.strokes}
              onChange={(event) => setShows({ ...shows, strokes: event.currentTarget.checked })}
            />
            Strokes
          </label>
          <label>
            <input
              type="checkbox"
              checked={shows.colours}
              onChange={(event) => setShows({ ...shows, colours: event.currentTarget.checked })}
            />
            Colours
          </label>
          <button type="button" title="Ctrl S" disabled={!coloured} onClick={() => savePng(studio)}>
            Save PNG
          </button>
          <button type="button" disabled={!coloured} onClick={() => saveLayers(studio)}>
            Save layers
          </button>
        </div>
      </header>
      <div class="columns">
        <main>
          {drawing ? (
            <Sheet studio={studio} share={share} zoom={zoom} shows={shows} />
          ) : (
            <div class="empty">
              <p>Drop a drawing here, paste one, or</p>
              <ChooseFile
                button="Choose a drawing"
                label="Drawing to paint"
                accept={DRAWINGS}
                onFile={open}
              />
              <p class="quiet">It stays on this machine: the network runs in this browser.</p>
            </div>
          )}
        </main>
        <aside aria-label="Colours">
          <Colours studio={studio} />
          <Reference studio={studio} />
        </aside>
      </div>
    </>
  )
}

const clampZoom = (zoom: number) => Math.max(-4, Math.min(8, zoom))

function statusOf({ isColouring, coloured, runsOn, drawing, strokes }: Studio): string {
  const on = runsOn === undefined ? 'loading the network …' : `runs on ${runsOn}`
  if (!drawing) return on
  if (isColouring || !coloured) return 'colouring …'
  const count = strokes.length === 1 ? '1 stroke' : `${strokes.length} strokes`
  return `${count}, coloured in ${coloured.milliseconds} ms, ${on}`
}

async function openFile(studio: Studio, file: File | undefined): Promise<void> {
  if (!file) return
  try {
    const { drawing, saved } = await readDrawing(file, file.name)
    studio.open(drawing, saved)
  } catch (error) {
    studio.say((error as Error).message)
  }
}

/** Files may be dropped anywhere, or pasted. */
function useDrop(open: (file: File | undefined) => void): void {
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault()
    const drop = (event: DragEvent) => {
      if ((event.target as Element).closest('.reference')) return
      event.preventDefault()
      open(event.dataTransfer?.files[0])
    }
    const paste = (event: ClipboardEvent) => open(event.clipboardData?.files[0])
    addEventListener('dragover', over)
    addEventListener('drop', drop)
    addEventListener('paste', paste)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('drop', drop)
      removeEventListener('paste', paste)
    }
  }, [])
}

interface Actions {
  zoom(by: number): void
  fit(): void
  share(change: (now: number) => number): void
}

function useShortcuts(studio: Studio, { zoom, fit, share }: Actions): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event
      if (altKey || (target instanceof HTMLInputElement && target.type === 'text')) return
      const isCommand = ctrlKey || metaKey
      const digit = Number(key)
      if (isCommand && key.toLowerCase() === 'z') shiftKey ? studio.redo() : studio.undo()
      else if (isCommand && key === 'y') studio.redo()
      else if (isCommand && key === 's') savePng(studio)
      else if (isCommand) return
      else if (key === '+' || key === '=') zoom(1)
      else if (key === '-') zoom(-1)
      else if (key === '0') fit()
      else if (key === ']') share((now) => Math.min(4, now + 0.25))
      else if (key === '[') share((now) => Math.max(0.25, now - 0.25))
      else if (digit >= 1 && digit <= 9 && studio.palette[digit - 1])
        studio.choose(studio.palette[digit - 1]!)
      else return
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [studio])
}
