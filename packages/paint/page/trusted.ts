interface TrustedTypes {
  createPolicy(name: 'default', rules: { createScriptURL: (address: string) => string }): void
}

/** Workers may start from scripts of this site, and from nowhere else; the policy of the page refuses all others. */
export function trustOwnScripts(): void {
  const { trustedTypes } = self as { trustedTypes?: TrustedTypes }
  trustedTypes?.createPolicy('default', {
    createScriptURL(address) {
      const { origin } = new URL(address, self.location.href)
      if (origin !== self.location.origin) throw new TypeError(`not a script of this site: ${address}`)
      return address
    },
  })
}
