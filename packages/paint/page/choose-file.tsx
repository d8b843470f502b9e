import { useRef } from 'preact/hooks'

/** A button that asks for a picture; `label` says what for. */
export function ChooseFile(props: {
  button: string
  label: string
  accept: string
  onFile: (file: File | undefined) => void
}) {
  const chooser = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" onClick={() => chooser.current!.click()}>
        {props.button}
      </button>
      <input
        ref={chooser}
        type="file"
        accept={props.accept}
        aria-label={props.label}
        tabIndex={-1}
        class="unseen"
        onChange={(event) => {
          props.onFile(event.currentTarget.files?.[0])
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
