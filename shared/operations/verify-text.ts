import type { CoverProof } from '../ledger/export-manifest.ts'

/** Every event has the hash of its content and that of its predecessor. */
const chainLines = `import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const hex = (text) => sha(text).toString('hex')
const jcs = (v) => Array.isArray(v) ? \`[\${v.map(jcs)}]\` : v === null || typeof v !== 'object' ? JSON.stringify(v)
  : \`{\${Object.keys(v).sort().map((key) => \`\${JSON.stringify(key)}:\${jcs(v[key])}\`)}}\`
const hashOf = ({ hash, resourceName, reason, salt = '', ...event }) =>
  hex(jcs({ v: 1, ...event, ...(reason === undefined ? {} : { reasonDigest: hex(salt + reason) }) }))
const lines = readFileSync('events.ndjson', 'utf8').trimEnd().split('\\n').map((line) => JSON.parse(line))
const events = lines.filter((line) => line.manifest === undefined)
const isChained = events.length > 0 && events.every((event, i) => event.sequence === i + 1 &&
  hashOf(event) === event.hash && event.previousHash === (events[i - 1]?.hash ?? '0'.repeat(64)))
`

/** The end of the chain is a leaf under the root that the checkpoint names. */
const coverLines = `const { event, leaf, steps } = JSON.parse(readFileSync('checkpoint.json', 'utf8'))
const root = steps.reduce((hash, { left, right }) => left === undefined
  ? sha('\\x01', hash, Buffer.from(right, 'hex')) : sha('\\x01', Buffer.from(left, 'hex'), hash), sha('\\0', JSON.stringify(leaf)))
const isCovered = hashOf(event) === event.hash && event.detail.root === root.toString('hex') &&
  leaf[0] === events[0].stream && leaf[1] === events.length && leaf[2] === events.at(-1).hash
console.log(isChained && isCovered ? \`intact, by checkpoint \${event.hash}\` : 'BROKEN')
process.exitCode = isChained && isCovered ? 0 : 1
`

const uncoveredLines = `console.log(isChained ? 'intact as far as the chain goes; no checkpoint covers it yet' : 'BROKEN')
process.exitCode = isChained ? 0 : 1
`

/** What to do with an evidence pack: lines to run, and what they show. */
export function verifyText(requestId: string, proof: CoverProof | null): string {
  const anchor =
    proof === null
      ? 'No checkpoint covers it yet: ask again after the request has ended.'
      : `The checkpoint is number ${proof.event.sequence}, hash \`${proof.event.hash}\`. Compare this hash
with what you have from elsewhere: the event \`checkpoint.written\` that was published at ${proof.event.at}, the
archive of checkpoints, or a note of the time. If it is the same, nothing here was changed since.`
  return `# How to verify this evidence

Request \`${requestId}\`.

| file                  | holds                                                                        |
| --------------------- | ---------------------------------------------------------------------------- |
| \`request.json\`        | the request as it ended: who, what, why, by which version of which flow      |
| \`events.ndjson\`       | the events of its stream from the first one on, and a manifest as last line  |
| \`graph-requests.json\` | ids of the calls to Microsoft Graph, to be found in the tenant's own logs    |
| \`checkpoint.json\`     | the checkpoint that covers the stream, and the proof that it does            |

Unpack it, save these lines as \`verify.mjs\` beside the files and run \`node verify.mjs\`; they need nothing but
Node.js, and print \`intact\`. Names of resources are not part of the hashes: they may change.

\`\`\`js
${chainLines}${proof === null ? uncoveredLines : coverLines}\`\`\`

${anchor}
`
}
