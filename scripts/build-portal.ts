import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { buildStamp, writeWhole } from './build-stamp.ts'

interface PortalBuild {
  readonly root: string
  /** Where the files of the page go. */
  readonly output: string
}

// What it shares with the rest: types, which leave no trace, and these.
const shared = ['shared/access/duration.ts']
const always = ['package-lock.json', 'scripts/build-portal.ts', 'tsconfig.json', ...shared]

/** Builds the page, unless the one that is there comes from the same sources. False when it did not. */
export async function buildPortal({ root, output }: PortalBuild): Promise<boolean> {
  const portal = join(root, 'portal')
  if (!existsSync(portal)) return false
  const stamp = buildStamp(root, output)
  const sources = [...(await filesOf(portal)).map((name) => `portal/${name}`), ...always].sort()
  const former = (await stamp.sources())?.toSorted()
  const isSame = JSON.stringify(former) === JSON.stringify(sources)
  if (isSame && (await stamp.isUpToDate())) return false

  const files = new Map<string, Uint8Array>()
  for (const [name, contents] of [...(await bundle(portal)), ...(await publicFiles(portal))]) {
    if (name.startsWith('assets/')) files.set(`${name}.br`, compressed(contents))
    else files.set(name, contents)
  }
  await stamp.forget()
  for (const [name, contents] of files) {
    await mkdir(dirname(join(output, name)), { recursive: true })
    await writeWhole(join(output, name), contents)
  }
  const old = (await filesOf(output)).filter((name) => !files.has(name) && !name.endsWith('.tmp'))
  for (const name of old) await rm(join(output, name), { force: true })
  await stamp.write(sources, [...files.keys()])
  return true
}

type NamedFiles = readonly (readonly [name: string, contents: Uint8Array])[]

async function bundle(portal: string): Promise<NamedFiles> {
  // Only who builds the page needs all of this in memory.
  const [{ build }, { default: react }] = await Promise.all([
    import('vite'),
    import('@vitejs/plugin-react'),
  ])
  const built = await inProduction(() =>
    build({
      configFile: false,
      root: portal,
      publicDir: false,
      // The one thing it warns of is meant: theme.js stays a file of its own.
      logLevel: 'error',
      mode: 'production',
      plugins: [react()],
      build: {
        write: false,
        target: 'es2023',
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
        // Data in the style sheet or the script is none that the page's policy would take.
        assetsInlineLimit: 0,
        chunkSizeWarningLimit: 1_200,
      },
    }),
  )
  const outputs = Array.isArray(built) ? built : [built]
  return outputs.flatMap((each) => {
    if (!('output' in each)) throw new Error('Cannot build the portal: the build only watches')
    return each.output.map((file) => {
      const contents = file.type === 'chunk' ? file.code : file.source
      return [file.fileName, Buffer.from(contents)] as const
    })
  })
}

/** Whoever builds for tests still builds what is deployed: the libraries look at the environment. */
async function inProduction<Result>(run: () => Promise<Result>): Promise<Result> {
  const { NODE_ENV: former } = process.env
  process.env['NODE_ENV'] = 'production'
  try {
    return await run()
  } finally {
    if (former === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = former
  }
}

async function publicFiles(portal: string): Promise<NamedFiles> {
  const folder = join(portal, 'public')
  return Promise.all(
    (await filesOf(folder)).map(
      async (name) => [name, await readFile(join(folder, name))] as const,
    ),
  )
}

/**
 * Nothing between the app and the browser would compress it. Kept in this form only, which every
 * browser takes: the app makes the others of it when somebody asks for them.
 */
function compressed(contents: Uint8Array): Uint8Array {
  return brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
}

async function filesOf(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}
