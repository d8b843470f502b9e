export interface StreamEvent {
  event: string
  data: unknown
  id: string
}

/** The events of a stream, as a browser reads them; ends with the connection or when the caller leaves the loop. */
export async function* eventsOf(response: Response): AsyncGenerator<StreamEvent> {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  let rest = ''
  let id = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      id = field('id') ?? id
      yield { event: field('event') ?? 'message', data: JSON.parse(field('data')!), id }
    }
  }
}
