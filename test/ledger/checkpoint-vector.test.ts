import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hashOfLeaf, type LeafTuple, leafOf } from '../../shared/ledger/checkpoint-leaves.ts'
import { type ExportedEvent, holds } from '../../shared/ledger/export-manifest.ts'
import { createMerkleTree, inclusionProof } from '../../shared/ledger/merkle.ts'
import vector from './checkpoint-vector.json' with { type: 'json' }

/** Straight from `docs/audit.md`, without the product. */
const sha256 = (...parts: readonly (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const leaf = (text: string) => sha256(Buffer.of(0), text)
const node = (left: Buffer, right: Buffer) => sha256(Buffer.of(1), left, right)

const leaves = vector.leaves as unknown as readonly LeafTuple[]
const event = vector.event as unknown as ExportedEvent

describe('the published checkpoint', () => {
  test('has the root that the documentation says how to compute', () => {
    const [first, second, third] = leaves.map((each) => leaf(JSON.stringify(each)))
    if (first === undefined || second === undefined || third === undefined) {
      throw new Error('The vector has three leaves')
    }

    expect([first, second, third].map((hash) => hash.toString('hex'))).toEqual(vector.leafHashes)
    expect(node(node(first, second), third).toString('hex')).toBe(vector.root)
    expect(event.detail['root']).toBe(vector.root)
  })

  test('has the hash of its canonical text', () => {
    expect(sha256(vector.canonical).toString('hex')).toBe(event.hash)
  })

  test('is what the product makes of the same heads', () => {
    const hashes = leaves.map((each) => hashOfLeaf(leafOf(each)))
    const tree = createMerkleTree()
    for (const hash of hashes) tree.add(hash)

    expect(hashes.map((hash) => hash.toString('hex'))).toEqual(vector.leafHashes)
    expect(tree.root()).toBe(vector.root)
    expect(inclusionProof(hashes, 1)).toEqual(vector.proofOfSecond)
  })

  test('holds its second leaf, and no other one by the same proof', () => {
    const steps = inclusionProof(
      leaves.map((each) => hashOfLeaf(leafOf(each))),
      1,
    )
    const [first, second] = leaves
    if (first === undefined || second === undefined) throw new Error('The vector has three leaves')

    expect(holds({ event, leaf: second, steps })).toBe(true)
    expect(holds({ event, leaf: first, steps })).toBe(false)
    expect(holds({ event: { ...event, event: 'grant.ended' }, leaf: second, steps })).toBe(false)
  })
})
