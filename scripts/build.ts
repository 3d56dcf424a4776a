import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { orchestrationVersion } from '../functions/durable/access-life-cycle.ts'
import { jsonSchemas } from '../shared/config/json-schemas.ts'

export interface BuildOptions {
  /** Folder of the repository. */
  readonly root: string
  /** Where the deployable app goes; default `dist` below the root. */
  readonly output?: string
}

export interface BuildResult {
  readonly output: string
  /** False when the last build was made from the very same sources. */
  readonly built: boolean
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
  /** What a zip of these files weighs. */
  readonly zipBytes: number
}

const limits = { zipBytes: 2 * 1024 * 1024, files: 10 }

// The real host and ours hand out this module through `require`: it must not be in the bundle, and a
// bundle in ESM has no `require` unless it makes one.
const hostModule = '@azure/functions-core'
const makeRequire =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"

/** Makes the deployable Functions app, unless the one that is there comes from the same sources. */
export async function buildApp({ root, output = join(root, 'dist') }: BuildOptions) {
  const stampFile = join(root, 'node_modules/.cache/entra-jit', `${digestOf(output)}.json`)
  if (await isUpToDate(root, output, stampFile)) return describe(output, false)

  const main = await bundleOf(root, output, { main: 'functions/main.ts' }, [onDemand])
  const isWanted = Object.values(main.metafile.outputs).some(({ imports }) =>
    imports.some(({ path }) => path === `./${onDemandName}.mjs`),
  )
  const bundles = isWanted
    ? [main, await bundleOf(root, output, { [onDemandName]: onDemandSource }, [])]
    : [main]

  const manifest = {
    name: 'entra-jit',
    private: true,
    type: 'module',
    main: 'main.mjs',
    // Whoever deploys compares it with what runs: an older package cannot carry on a newer instance.
    orchestrationVersion,
  }
  const files = new Map<string, string | Uint8Array>([
    ['package.json', `${JSON.stringify(manifest, null, 2)}\n`],
    ['host.json', await readFile(join(root, 'host.json'))],
    ...Object.entries(jsonSchemas()).map(
      ([name, schema]) => [`schemas/${name}`, `${JSON.stringify(schema, null, 2)}\n`] as const,
    ),
    ...bundles.flatMap(({ outputFiles }) =>
      outputFiles.map(({ path, contents }) => [relative(output, path), contents] as const),
    ),
  ])
  await rm(stampFile, { force: true })
  await mkdir(join(output, 'schemas'), { recursive: true })
  for (const [name, contents] of files) await writeWhole(join(output, name), contents)

  const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs))
  const sources = [...new Set(inputs)].filter((file) => !isPackaged(file))
  const stamp: Stamp = {
    sources: await digestFiles(root, [...sources, ...alwaysSources]),
    outputs: await digestFiles(output, [...files.keys()]),
  }
  await mkdir(dirname(stampFile), { recursive: true })
  await writeWhole(stampFile, JSON.stringify(stamp))
  return describe(output, true)
}

// Signing in to Azure is a good part of a cold start, and the local stack never needs it: a file of
// its own, loaded with the first token.
const onDemandName = 'entra-credential'
const onDemandSource = `shared/directory/${onDemandName}.ts`
const onDemand: Plugin = {
  name: 'on demand',
  setup(build) {
    build.onResolve({ filter: new RegExp(`/${onDemandName}\\.ts$`) }, () => ({
      path: `./${onDemandName}.mjs`,
      external: true,
    }))
  },
}

function bundleOf(
  root: string,
  output: string,
  entryPoints: Record<string, string>,
  plugins: Plugin[],
) {
  return build({
    entryPoints,
    plugins,
    absWorkingDir: root,
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: [hostModule],
    banner: { js: makeRequire },
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
  })
}

/** What says whether a build is still good: name → digest, with the packages represented by the lock. */
interface Stamp {
  readonly sources: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
}

const alwaysSources = [
  'functions/durable/access-life-cycle.ts',
  'host.json',
  'package-lock.json',
  'scripts/build.ts',
  'shared/config/json-schemas.ts',
  'tsconfig.json',
]

async function isUpToDate(root: string, output: string, stampFile: string): Promise<boolean> {
  const text = await readFile(stampFile, 'utf8').catch(whenAbsent)
  if (text === undefined) return false
  const stamp: Stamp = JSON.parse(text)
  const isSame = async (folder: string, digests: Readonly<Record<string, string>>) =>
    JSON.stringify(await digestFiles(folder, Object.keys(digests))) === JSON.stringify(digests)
  return (await isSame(root, stamp.sources)) && (await isSame(output, stamp.outputs))
}

async function digestFiles(folder: string, names: readonly string[]) {
  const digests: Record<string, string> = {}
  for (const name of names) {
    const contents = await readFile(join(folder, name)).catch(whenAbsent)
    digests[name] = contents === undefined ? 'absent' : digestOf(contents)
  }
  return digests
}

async function describe(output: string, built: boolean): Promise<BuildResult> {
  const files: { name: string; bytes: number }[] = []
  let zipBytes = 0
  for (const entry of await readdir(output, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const contents = await readFile(path)
    const name = relative(output, path)
    files.push({ name, bytes: contents.byteLength })
    // A zip adds a header of 46 and one of 30 bytes, each with the name, to every file.
    zipBytes += deflateRawSync(contents).byteLength + 76 + 2 * name.length
  }
  return { output, built, files, zipBytes }
}

/** Two starts may build at the same moment: nobody ever sees half a file. */
async function writeWhole(file: string, contents: string | Uint8Array): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, contents)
  await rename(draft, file)
}

function isPackaged(file: string): boolean {
  return file.split(/[\\/]/).includes('node_modules')
}

function digestOf(contents: string | Uint8Array): string {
  return createHash('sha256').update(contents).digest('hex')
}

function whenAbsent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

if (import.meta.main) {
  const result = await buildApp({ root: dirname(import.meta.dirname) })
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(0).padStart(6)} kB`
  console.log(result.built ? 'Built dist/' : 'dist/ is up to date')
  for (const { name, bytes } of result.files) console.log(`  ${name.padEnd(26)}${kilobytes(bytes)}`)
  console.log(`  ${'as a zip'.padEnd(26)}${kilobytes(result.zipBytes)}`)
  if (result.zipBytes > limits.zipBytes || result.files.length > limits.files) {
    console.error(
      `Cannot accept the build: more than ${kilobytes(limits.zipBytes).trim()} or ${limits.files} files`,
    )
    process.exit(1)
  }
}
