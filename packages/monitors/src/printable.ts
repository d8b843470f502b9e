// Controls, breaks of lines and paragraphs, marks that turn the direction of writing, and halves of characters.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const hex = (character: string, digits: number): string =>
  character.charCodeAt(0).toString(16).padStart(digits, '0')

const escaped = (character: string): string => {
  const code = character.charCodeAt(0)
  return named[character] ?? (code < 0x80 ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`)
}

/**
 * A name, path or message in one line that a terminal shows as it is: what would move the cursor, clear the screen or
 * turn the direction of writing is written as `\x1b`, `\n` or `\u202e`.
 */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped)

/** A value as JSON in one line; what a terminal would obey is escaped as JSON does it. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(UNPRINTABLE, (character) => `\\u${hex(character, 4)}`)
