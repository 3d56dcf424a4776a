/** Makes something of a document's part the first time it is asked for, and keeps it as long as the part. */
export function oncePer<Part extends object, Made>(
  make: (part: Part) => Made,
): (part: Part) => Made {
  const made = new WeakMap<Part, { readonly value: Made }>()
  return (part) => {
    const known = made.get(part)
    if (known !== undefined) return known.value
    const value = make(part)
    made.set(part, { value })
    return value
  }
}
