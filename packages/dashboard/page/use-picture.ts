import { useEffect, useState } from 'preact/hooks'
import type { RunPicture } from '../src/wire.js'
import { withToken } from './server.js'

/** A picture once it has been loaded; the one before until then. */
export function usePicture({ url }: RunPicture): HTMLImageElement | undefined {
  const [image, setImage] = useState<HTMLImageElement>()
  useEffect(() => {
    let isWanted = true
    const loading = new Image()
    loading.src = withToken(url)
    loading.decode().then(
      () => isWanted && setImage(loading),
      () => {}, // It is being replaced; its address changes with it.
    )
    return () => {
      isWanted = false
    }
  }, [url])
  return image
}
