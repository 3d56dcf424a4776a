import { mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { orchestrationVersion } from '../functions/durable/access-life-cycle.ts'
import { jsonSchemas } from '../shared/config/json-schemas.ts'
import { buildPortal } from './build-portal.ts'
import { buildStamp, writeWhole } from './build-stamp.ts'

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

/** Of the app itself; the page is a folder of small files, and counts by its weight. */
const limits = { zipBytes: 2 * 1024 * 1024, files: 10 }

// The real host and ours hand out this module through `require`: it must not be in the bundle, and a
// bundle in ESM has no `require` unless it makes one.
const hostModule = '@azure/functions-core'
const makeRequire =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"

/** Makes the deployable Functions app, unless the one that is there comes from the same sources. */
export async function buildApp({ root, output = join(root, 'dist') }: BuildOptions) {
  const pageIsNew = await buildPortal({ root, output: join(output, portalFolder) })
  const stamp = buildStamp(root, output)
  if (await stamp.isUpToDate()) return describe(output, pageIsNew)

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
  await stamp.forget()
  await mkdir(join(output, 'schemas'), { recursive: true })
  for (const [name, contents] of files) await writeWhole(join(output, name), contents)

  const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs))
  const sources = [...new Set(inputs)].filter((file) => !isPackaged(file))
  await stamp.write([...sources, ...alwaysSources], [...files.keys()])
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

/** Where the app looks for the page, beside its bundle. */
const portalFolder = 'portal'

const alwaysSources = [
  'functions/durable/access-life-cycle.ts',
  'host.json',
  'package-lock.json',
  'scripts/build.ts',
  'shared/config/json-schemas.ts',
  'tsconfig.json',
]

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

function isPackaged(file: string): boolean {
  return file.split(/[\\/]/).includes('node_modules')
}

if (import.meta.main) {
  const result = await buildApp({ root: dirname(import.meta.dirname) })
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(0).padStart(6)} kB`
  console.log(result.built ? 'Built dist/' : 'dist/ is up to date')
  const isPage = (name: string) => name.startsWith(portalFolder)
  const own = result.files.filter(({ name }) => !isPage(name))
  for (const { name, bytes } of own) console.log(`  ${name.padEnd(26)}${kilobytes(bytes)}`)
  const page = result.files.filter(({ name }) => isPage(name))
  const pageBytes = page.reduce((sum, { bytes }) => sum + bytes, 0)
  console.log(`  ${`portal/ (${page.length} files)`.padEnd(26)}${kilobytes(pageBytes)}`)
  console.log(`  ${'as a zip'.padEnd(26)}${kilobytes(result.zipBytes)}`)
  if (result.zipBytes > limits.zipBytes || own.length > limits.files) {
    console.error(
      `Cannot accept the build: more than ${kilobytes(limits.zipBytes).trim()} or ${limits.files} files`,
    )
    process.exit(1)
  }
}
