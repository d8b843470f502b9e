/** A piece of HTML that is safe to insert as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Insertable = string | number | Html | readonly Insertable[] | undefined | false

/** Template tag: everything inserted is escaped, except for other pieces of HTML. Lists are joined. */
export function html(parts: TemplateStringsArray, ...values: Insertable[]): Html {
  return new Html(parts.reduce((text, part, index) => text + render(values[index - 1]) + part))
}

/** Text that is HTML already, such as a chart. */
export function trustedHtml(text: string): Html {
  return new Html(text)
}

function render(value: Insertable): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(render).join('')
  return escapeHtml(String(value))
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes text for HTML content and for quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}
