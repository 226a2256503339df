/**
 * The exports of a module with their signatures and docstrings, by the API of TypeScript's own
 * compiler. It is marked unstable there: nothing else here knows it.
 */

import { join, relative } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  API,
  type Checker,
  type Symbol as CompilerSymbol,
  type NodeHandle,
  type Project,
  type Type,
} from 'typescript/unstable/sync';
import { type Docstring, docstringBefore } from './docstring.ts';

export interface Entry {
  name: string;
  kind: 'class' | 'function' | 'interface' | 'type' | 'constant';
  /** Declaration as in the source, without bodies. */
  signature: string;
  doc: Docstring;
  members: Member[];
  /** Path of the source file below the repository, and its line, from 1. */
  file: string;
  line: number;
}

export interface Member {
  name: string;
  signature: string;
  doc: Docstring;
}

export interface ModuleModel {
  entries: Entry[];
  /** Types that signatures mention and that the module does not export. */
  mentioned: Entry[];
}

/** What the syntax nodes of declarations have, as far as it is needed. */
interface Declared extends Node {
  name?: Node;
  body?: Node;
  type?: Node;
  initializer?: Node;
  members?: readonly Declared[];
  declarationList?: Node;
}

const KINDS = new Map<SyntaxKind, Entry['kind']>([
  [SyntaxKind.ClassDeclaration, 'class'],
  [SyntaxKind.FunctionDeclaration, 'function'],
  [SyntaxKind.InterfaceDeclaration, 'interface'],
  [SyntaxKind.TypeAliasDeclaration, 'type'],
  [SyntaxKind.VariableDeclaration, 'constant'],
]);
const NO_TRUNCATION = 1;
/** Of types. */
const TYPE_MEANING = 788968;
const ALIAS = 2097152;

/** @param files - paths of the modules below the repository */
export function readModules(root: string, files: readonly string[]): Map<string, ModuleModel> {
  const api = new API({ cwd: root });
  try {
    const config = join(root, 'tsconfig.json');
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`${config} can't be read`);
    const reader = new Reader(root, project);
    return new Map(files.map((file) => [file, reader.module(file)]));
  } finally {
    api.close();
  }
}

class Reader {
  readonly #root: string;
  readonly #project: Project;
  readonly #checker: Checker;

  constructor(root: string, project: Project) {
    this.#root = root;
    this.#project = project;
    this.#checker = project.checker;
  }

  module(file: string): ModuleModel {
    const source = this.#project.program.getSourceFile(join(this.#root, file));
    const symbol = source && this.#checker.getSymbolAtLocation(source);
    if (symbol === undefined) throw new Error(`${file} is not a module of the project`);
    const exported = this.#checker.getExportsOfModule(symbol);
    const entries = exported.map((one) => {
      const target = one.flags & ALIAS ? this.#checker.getAliasedSymbol(one) : one;
      return { entry: this.#entry(one.name, target), node: this.#node(target.declarations[0]!) };
    });
    const known = new Set(entries.map(({ entry }) => entry.name));
    const mentioned: Entry[] = [];
    const queue = [...entries];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      for (const target of this.#mentions(next.entry, next.node)) {
        if (known.has(target.name)) continue;
        known.add(target.name);
        const entry = this.#entry(target.name, target);
        mentioned.push(entry);
        queue.push({ entry, node: this.#node(target.declarations[0]!) });
      }
    }
    const byName = (a: Entry, b: Entry): number => a.name.localeCompare(b.name, 'en');
    return {
      entries: entries.map(({ entry }) => entry).sort(byName),
      mentioned: mentioned.sort(byName),
    };
  }

  #entry(name: string, symbol: CompilerSymbol): Entry {
    const node = this.#node(symbol.declarations[0]!);
    const kind = KINDS.get(node.kind);
    if (kind === undefined)
      throw new Error(`${name}: ${SyntaxKind[node.kind]} can't be documented`);
    const { text } = node.getSourceFile();
    const statement = kind === 'constant' ? node.parent.parent : node;
    const start = statement.getStart();
    return {
      name,
      kind,
      signature: (kind === 'function'
        ? callable(symbol.declarations.map((handle) => this.#node(handle)))
        : [node]
      )
        .map((one) => this.#signature(one).replace(/^export (default )?/, ''))
        .join('\n'),
      doc: docstringBefore(text, start),
      members: this.#members(kind, node, symbol),
      file: relative(this.#root, node.getSourceFile().fileName),
      line: text.slice(0, start).split('\n').length,
    };
  }

  #members(kind: Entry['kind'], node: Declared, symbol: CompilerSymbol): Member[] {
    if (kind === 'class') {
      const byName = Map.groupBy((node.members ?? []).filter(isPublic), nameOf);
      return [...byName.values()].flatMap(callable).map((member) => this.#member(member));
    }
    // Those of unexported bases are among the properties too.
    if (kind !== 'interface' && !this.#isObject(symbol)) return [];
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
    return this.#checker.getPropertiesOfType(type).map((property) => {
      const [handle] = property.declarations;
      const declared = handle && this.#node(handle);
      const isSignature =
        declared?.kind === SyntaxKind.PropertySignature ||
        declared?.kind === SyntaxKind.MethodSignature;
      if (isSignature) return this.#member(declared);
      const shown = this.#show(this.#checker.getTypeOfSymbol(property));
      const none: Docstring = { text: '', tags: [] };
      return { name: property.name, signature: `${property.name}: ${shown}`, doc: none };
    });
  }

  /** Whether a type alias stands for one object, not for a union or a function. */
  #isObject(symbol: CompilerSymbol): boolean {
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
    const isFunction = this.#checker.getSignaturesOfType(type, 0).length > 0;
    return type.isObjectType() && !type.isTypeReference() && !isFunction;
  }

  #member(node: Declared): Member {
    const { text } = node.getSourceFile();
    const name = node.kind === SyntaxKind.Constructor ? 'constructor' : nameOf(node);
    return {
      name,
      signature: this.#signature(node).replace(/[;,]$/, ''),
      doc: docstringBefore(text, node.getStart()),
    };
  }

  /** The declaration without its body, or its value, and with the type that it leaves out. */
  #signature(node: Declared): string {
    const { text } = node.getSourceFile();
    const start = node.getStart();
    if (node.members !== undefined) {
      const [, head] = /^(.*?)\s*\{/s.exec(text.slice(start))!;
      return head!;
    }
    const inferred = node.type === undefined && node.kind !== SyntaxKind.Constructor;
    const type = inferred ? `: ${this.#show(this.#resultOf(node))}` : '';
    const end = node.body?.getStart() ?? node.end;
    let head = text.slice(start, end).trim();
    if (node.kind === SyntaxKind.VariableDeclaration) head = `const ${head}`;
    if (node.initializer !== undefined && node.kind !== SyntaxKind.TypeAliasDeclaration) {
      head = text.slice(start, node.type?.end ?? node.name!.end);
    }
    const column = start - (text.lastIndexOf('\n', start) + 1);
    return dedent(`${head}${node.kind === SyntaxKind.TypeAliasDeclaration ? '' : type}`, column);
  }

  #resultOf(node: Declared): Type | undefined {
    const signature = node.body && this.#checker.getSignatureFromDeclaration(node);
    if (signature !== undefined) return this.#checker.getReturnTypeOfSignature(signature);
    return this.#checker.getTypeAtLocation(node);
  }

  #show(type: Type | undefined): string {
    return type === undefined
      ? 'unknown'
      : this.#checker
          .typeToString(type, undefined, NO_TRUNCATION)
          .replace(/import\("[^"]*"\)\./g, '');
  }

  /** Types of the project that an entry names. */
  #mentions(entry: Entry, node: Node): CompilerSymbol[] {
    const texts = [entry.signature, ...entry.members.map(({ signature }) => signature)];
    const names = new Set(texts.join('\n').match(/\b[A-Z]\w+\b/g));
    return [...names].flatMap((name) => {
      let symbol = this.#checker.resolveName(name, TYPE_MEANING, node);
      if (symbol === undefined) return [];
      if (symbol.flags & ALIAS) symbol = this.#checker.getAliasedSymbol(symbol);
      const [handle] = symbol.declarations;
      const isOwn = handle?.path.startsWith(`${this.#root}/src/`.toLowerCase()) === true;
      return isOwn && KINDS.has(handle.kind) ? [symbol] : [];
    });
  }

  #node(handle: NodeHandle): Declared {
    const node = handle.resolve(this.#project);
    if (node === undefined) throw new Error(`${handle.path}: a declaration is not there`);
    return node as Declared;
  }
}

function nameOf(node: Declared): string {
  const { name } = node;
  return name === undefined ? '' : node.getSourceFile().text.slice(name.getStart(), name.end);
}

/** Of the declarations of one name, those that are called: not what implements overloads. */
function callable(declarations: readonly Declared[]): Declared[] {
  const bare = declarations.filter(({ body }) => body === undefined);
  return bare.length > 0 ? bare : [...declarations];
}

function isPublic(node: Declared): boolean {
  const head = node.getSourceFile().text.slice(node.getStart(), node.getStart() + 40);
  if (/^(private|protected|declare)\b/.test(head)) return false;
  return node.kind === SyntaxKind.Constructor || /^[^#]/.test(nameOf(node));
}

/** Takes off the indentation of the first line, which is gone from it, from the others. */
function dedent(code: string, column: number): string {
  return code.replaceAll(`\n${' '.repeat(column)}`, '\n');
}
