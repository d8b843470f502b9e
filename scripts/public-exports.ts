import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { publicPackages, root } from './packages.js'

/** What the documentation of an export of a package leaves out. */
export interface Undocumented {
  /** As in `@dlkit/layers: SpectralNormalization`. */
  export: string
  lacks: 'a docstring' | 'a docstring of an option' | '@throws'
}

/** The source behind each entry point of the packages that are published, by what is imported. */
export function entryPoints(): Map<string, string> {
  const entries = publicPackages.flatMap(({ name, folder }) => {
    const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return Object.entries<Record<string, string>>(exports).flatMap(([path, { '@dlkit/source': source }]) =>
      source ? [[name + path.slice(1), join(folder, source)] as const] : [],
    )
  })
  return new Map(entries)
}

function programOf(files: string[]): ts.Program {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  return ts.createProgram(files, ts.parseJsonConfigFileContent(config, ts.sys, root).options)
}

/** Whether a function throws by itself; what it calls documents its own errors. */
function throws(body: ts.Node): boolean {
  const visit = (node: ts.Node): boolean =>
    ts.isThrowStatement(node) || (!ts.isFunctionLike(node) && (ts.forEachChild(node, visit) ?? false))
  return ts.forEachChild(body, visit) ?? false
}

const membersOf = (declaration: ts.Declaration): readonly ts.TypeElement[] => {
  if (ts.isInterfaceDeclaration(declaration)) return declaration.members
  return ts.isTypeAliasDeclaration(declaration) && ts.isTypeLiteralNode(declaration.type)
    ? declaration.type.members
    : []
}

/**
 * Every export needs a docstring, every optional property of an exported type one of its own (it says what leaving it out
 * means), and every exported function with a `throw` a `@throws`.
 */
export function undocumented(entries: ReadonlyMap<string, string> = entryPoints()): Undocumented[] {
  const program = programOf([...entries.values()])
  const checker = program.getTypeChecker()
  const documented = (symbol: ts.Symbol) => symbol.getDocumentationComment(checker).length > 0
  return [...entries].flatMap(([name, file]) =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!)
      .flatMap((exported) => {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
        const [declaration] = symbol.declarations ?? []
        if (!declaration?.getSourceFile().fileName.startsWith(join(root, 'packages'))) return []
        const lacks: Undocumented['lacks'][] = []
        if (!documented(symbol)) lacks.push('a docstring')
        const members = membersOf(declaration).filter(({ questionToken }) => questionToken)
        if (!members.every(({ name }) => documented(checker.getSymbolAtLocation(name!)!)))
          lacks.push('a docstring of an option')
        const body = ts.isFunctionDeclaration(declaration) && declaration.body
        const says = symbol.getJsDocTags(checker).some((tag) => tag.name === 'throws')
        if (body && throws(body) && !says) lacks.push('@throws')
        return lacks.map((lacks) => ({ export: `${name}: ${exported.name}`, lacks }))
      }),
  )
}
