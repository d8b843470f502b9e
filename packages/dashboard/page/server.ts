const token = new URLSearchParams(location.search).get('token') ?? ''

/** Whether the server passes commands on to trainings. */
export const mayControl = document.documentElement.dataset.control === 'true'

/** An address of the server for what cannot have headers: pictures and streams. */
export function withToken(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}`
}

export async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path, { headers: { Authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

export async function sendCommand(run: string, command: string): Promise<void> {
  const response = await fetch(`/api/runs/${run}/control`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ command }),
  })
  if (!response.ok) throw new Error(await response.text())
}
