import { createHash } from 'node:crypto'

/** One step from a leaf to the root: what stands beside it, and on which side. */
export type ProofStep = { readonly left: string } | { readonly right: string }

// The prefixes of RFC 6962, section 2.1: no inner node can be passed off as a leaf.
const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Hash of a leaf, by the bytes it stands for. */
export function leafHash(bytes: Uint8Array): Buffer {
  return sha256(leafPrefix, bytes)
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(nodePrefix, left, right)
}

/** A Merkle tree (RFC 6962) that takes its leaves one by one, and keeps a hash a level only. */
export interface MerkleTree {
  add(leaf: Buffer): void
  readonly size: number
  /** Lower-case hex. */
  root(): string
}

export function createMerkleTree(): MerkleTree {
  /** Roots of the full subtrees so far, the largest first. */
  const peaks: Buffer[] = []
  let size = 0
  return {
    add(leaf) {
      let hash = leaf
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
        const left = peaks.pop()
        if (left === undefined) throw new Error('Cannot add a leaf: the tree has lost a subtree')
        hash = nodeHash(left, hash)
      }
      peaks.push(hash)
      size += 1
    },
    get size() {
      return size
    },
    root() {
      const root = peaks.reduceRight<Buffer | undefined>(
        (right, left) => (right === undefined ? left : nodeHash(left, right)),
        undefined,
      )
      return (root ?? sha256()).toString('hex')
    },
  }
}

/** Shows that a leaf is in a tree, without the other leaves. */
export function inclusionProof(leaves: readonly Buffer[], index: number): readonly ProofStep[] {
  if (leaves.length <= 1) return []
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1))
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)]
  return index < half
    ? [...inclusionProof(left, index), { right: rootOf(right) }]
    : [...inclusionProof(right, index - half), { left: rootOf(left) }]
}

/** The root that a proof leads to; the leaf is in that tree and no other. */
export function rootOfProof(leaf: Buffer, proof: readonly ProofStep[]): string {
  const root = proof.reduce(
    (hash, step) =>
      'left' in step
        ? nodeHash(Buffer.from(step.left, 'hex'), hash)
        : nodeHash(hash, Buffer.from(step.right, 'hex')),
    leaf,
  )
  return root.toString('hex')
}

function rootOf(leaves: readonly Buffer[]): string {
  const tree = createMerkleTree()
  for (const leaf of leaves) tree.add(leaf)
  return tree.root()
}
