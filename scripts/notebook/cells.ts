/**
 * A notebook as a plain program, and back: cells begin at lines `// %%`, text cells at
 * `// %% [markdown]`, as editors and Jupytext know them.
 */

export interface Cell {
  type: 'markdown' | 'code';
  source: string;
}

/** Cells of a notebook file, as far as they are of use here (nbformat 4.5). */
export interface NotebookCell {
  id: string;
  cell_type: 'markdown' | 'code';
  metadata: object;
  source: string | string[];
  execution_count?: number | null;
  outputs?: NotebookOutput[];
}

export interface NotebookOutput {
  output_type: string;
  name?: string;
  text?: string | string[];
  data?: Record<string, string | string[]>;
  ename?: string;
  evalue?: string;
  execution_count?: number;
}

export interface Notebook {
  cells: NotebookCell[];
  metadata: object;
  nbformat: number;
  nbformat_minor: number;
}

/** The cells of a program. What is before the first mark belongs to none. */
export function cellsOfProgram(program: string): Cell[] {
  const parts = program.split(/^\/\/ %%(.*)\n/m).slice(1);
  const cells: Cell[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const body = parts[i + 1]!.trim();
    if (parts[i]!.trim() === '[markdown]') {
      cells.push({ type: 'markdown', source: body.replace(/^\/\/ ?/gm, '') });
    } else {
      cells.push({ type: 'code', source: body });
    }
  }
  return cells;
}

export function cellsOfNotebook(notebook: Notebook): Cell[] {
  return notebook.cells.map(({ cell_type, source }) => ({
    type: cell_type,
    source: text(source),
  }));
}

/** A notebook that has not been executed, for Deno's kernel. */
export function notebookOf(cells: readonly Cell[]): Notebook {
  return {
    cells: cells.map(({ type, source }, i) => ({
      id: `cell-${i + 1}`,
      cell_type: type,
      metadata: {},
      source: lines(source),
      ...(type === 'code' && { execution_count: null, outputs: [] }),
    })),
    metadata: {
      kernelspec: { display_name: 'Deno', language: 'typescript', name: 'deno' },
      language_info: { file_extension: '.ts', mimetype: 'text/x.typescript', name: 'typescript' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** Text that a cell printed in pieces, in one piece. */
export function joinStreams(outputs: readonly NotebookOutput[]): NotebookOutput[] {
  const joined: NotebookOutput[] = [];
  for (const output of outputs) {
    const last = joined.at(-1);
    if (output.name === undefined || last?.name !== output.name) joined.push({ ...output });
    else last.text = lines(text(last.text ?? '') + text(output.text ?? ''));
  }
  return joined;
}

/** All that the cells of a notebook have printed. */
export function printedBy(notebook: Notebook): string {
  const outputs = notebook.cells.flatMap((cell) => cell.outputs ?? []);
  return outputs.map((output) => text(output.text ?? '')).join('');
}

/** Notebook files may have text in one piece or as lines. */
export function text(source: string | readonly string[]): string {
  return typeof source === 'string' ? source : source.join('');
}

/** As Jupyter writes them, so that a change of one line is a difference of one line. */
function lines(source: string): string[] {
  return source.split(/(?<=\n)/);
}
