import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createMerkleTree,
  inclusionProof,
  leafHash,
  rootOfProof,
} from '../../shared/ledger/merkle.ts'

const leavesOf = (texts: readonly string[]) => texts.map((text) => leafHash(Buffer.from(text)))

const rootOf = (leaves: readonly Buffer[]) => {
  const tree = createMerkleTree()
  for (const leaf of leaves) tree.add(leaf)
  return tree.root()
}

/** The example of Certificate Transparency: these leaves, and the root of the first n of them. */
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

describe('a Merkle tree', () => {
  test.each(roots.map((root, size) => ({ root, size })))(
    'of $size leaves has the root that RFC 6962 gives it',
    ({ root, size }) => {
      const leaves = inputs.slice(0, size).map((hex) => leafHash(Buffer.from(hex, 'hex')))

      expect(rootOf(leaves)).toBe(root)
    },
  )

  test('does not take two leaves for the node above them', () => {
    const [left, right] = leavesOf(['a', 'b'])
    const node = Buffer.concat([left ?? Buffer.alloc(0), right ?? Buffer.alloc(0)])

    expect(rootOf([leafHash(node)])).not.toBe(rootOf(leavesOf(['a', 'b'])))
  })

  test('proves each of its leaves, and nothing else', async () => {
    await fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 40 }), fc.nat(), (texts, at) => {
        const leaves = leavesOf(texts)
        const index = at % leaves.length
        const leaf = leaves[index] ?? Buffer.alloc(0)
        const proof = inclusionProof(leaves, index)

        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(leaves.length)))
        expect(rootOfProof(leaf, proof)).toBe(rootOf(leaves))
        expect(rootOfProof(leafHash(Buffer.from(`${texts[index]}x`)), proof)).not.toBe(
          rootOf(leaves),
        )
      }),
    )
  })
})
