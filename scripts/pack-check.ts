// Packs every public package, installs the tarballs into an empty project outside the workspace, and uses them
// there as npm users would; then what the first minutes with the command are like. Needs a build, and the registry for third-party dependencies.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Contact, firstSamples, ownModel } from './first-contact.js'
import { publicPackages, root } from './packages.js'

const project = mkdtempSync(join(tmpdir(), 'dlkit-pack-check-'))
const typescript = join(root, 'node_modules/typescript/bin/tsc')

function run(command: string, args: string[], cwd = project) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return { ok: status === 0, stdout, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` }
}

function write(file: string, content: string | object): void {
  writeFileSync(join(project, file), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
}

let failed = false
function check(what: string, { ok, output }: { ok: boolean; output: string }): boolean {
  console.log(`${ok ? 'ok    ' : 'failed'} ${what}`)
  if (!ok) console.log(output)
  failed ||= !ok
  return ok
}

/** Every import path that a package offers, e.g. `@dlkit/gan-colorize` and `@dlkit/gan-colorize/config`. */
const importPaths = publicPackages.flatMap(({ folder, name }) => {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { exports?: object }
  return Object.keys(manifest.exports ?? { '.': '' }).map((subpath) => name + subpath.slice(1))
})

/** Packs and installs. Tarballs satisfy the dependencies between the packages; the rest comes from the registry. */
function install(): boolean {
  const dependencies: Record<string, string> = { '@types/node': '^20.19.0' }
  for (const { folder, name } of publicPackages) {
    const packed = run('npm', ['pack', '--json', '--pack-destination', project], folder)
    if (!check(`pack ${name}`, packed)) return false
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
    dependencies[name] = `file:${join(project, filename)}`
  }
  write('package.json', { name: 'pack-check', private: true, type: 'module', dependencies })
  return check(
    'install',
    // With install scripts, as users have them: none may need more than the registry.
    run('npm', ['install', '--no-ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']),
  )
}

function checkRuntime(): void {
  const list = JSON.stringify(importPaths)
  const verdict = (loaded: string) =>
    `for (const path of ${list}) if (Object.keys(${loaded}).length === 0) throw new Error(path + ' exports nothing')`
  write('imports.mjs', verdict('await import(path)'))
  write('requires.cjs', verdict('require(path)'))
  check('import', run(process.execPath, ['imports.mjs']))
  check('require', run(process.execPath, ['requires.cjs']))
}

/** Imports everything; a package whose types are not found is an error under `strict`. */
function checkTypes(): void {
  const names = importPaths.map((path, index) => ({ path, name: `package${index}` }))
  const uses = `export const packages = [${names.map(({ name }) => name).join(', ')}]\n`
  const imports = names.map(({ path, name }) => `import * as ${name} from '${path}'\n`)
  const requires = names.map(({ path, name }) => `import ${name} = require('${path}')\n`)
  write('imports.mts', imports.join('') + uses)
  write('requires.cts', requires.join('') + uses)
  const modes = [
    { name: 'bundler', module: 'esnext', files: ['imports.mts'] },
    { name: 'node16', module: 'node16', files: ['imports.mts'] },
    { name: 'nodenext', module: 'nodenext', files: ['imports.mts', 'requires.cts'] },
  ]
  for (const { name, module, files } of modes) {
    const compilerOptions = { strict: true, noEmit: true, target: 'es2022', module, moduleResolution: name }
    write(`tsconfig.${name}.json`, { compilerOptions: { ...compilerOptions, types: ['node'] }, files })
    const { ok, output } = run(process.execPath, [typescript, '-p', `tsconfig.${name}.json`])
    const ours = output.split('\n').filter((line) => line !== '' && !isThirdParty(line))
    check(`types, moduleResolution ${name}`, { ok: ok || ours.length === 0, output: ours.join('\n') })
  }
}

/** Mistakes in the declarations of dependencies are not ours to fix, and most projects skip them. */
function isThirdParty(line: string): boolean {
  return /^(node_modules\/(?!@dlkit\/)|\s)/.test(line)
}

/** What a stranger types first, each in an empty folder below the packages. */
async function checkFirstContact(): Promise<void> {
  const empty = (name: string) => {
    mkdirSync(join(project, name))
    return join(project, name)
  }
  const tell = (what: string, { seconds, ...contact }: Contact) => check(`${what} (${seconds} s)`, contact)
  tell('first contact: samples within two minutes', await firstSamples(empty('first')))
  tell('first contact: a model of one’s own within one minute', await ownModel(empty('second')))
}

try {
  if (install()) {
    checkRuntime()
    checkTypes()
    check('npx dlkit --help', run('npx', ['--no-install', 'dlkit', '--help']))
    const engine = run('npx', ['--no-install', 'dlkit', 'engine', '--json', '--no-speed'])
    const chosen = engine.ok && JSON.parse(engine.stdout).name
    check('npx dlkit engine takes onnxruntime', { ...engine, ok: chosen === 'onnxruntime' })
    await checkFirstContact()
  }
} finally {
  rmSync(project, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
