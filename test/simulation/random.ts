/** One seeded source of chance; the same seed always tells the same story. */
export interface Random {
  /** From 0 inclusive to 1 exclusive. */
  next(): number
  /** A whole number from `low` to `high`, both inclusive. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly [Item, ...Item[]]): Item
  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name
  bytes(count: number): Uint8Array
}

/** Splitmix32: small, quick, and good enough to draw stories. */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const word = () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  const next = () => word() / 2 ** 32
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    weighted(weights) {
      const names = Object.keys(weights) as (keyof typeof weights)[]
      const total = names.reduce((sum, name) => sum + weights[name], 0)
      let left = next() * total
      for (const name of names) {
        left -= weights[name]
        if (left < 0) return name
      }
      throw new Error('Cannot draw: there is nothing to draw from')
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => word() & 0xff),
  }
}
