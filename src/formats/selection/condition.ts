/** A condition on the attributes of a row, as a tree: what `where` was parsed to. */

/** A comparison of SQL: unknown where one of its sides is NULL. */
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** A value that the text has. Whole numbers beyond ±(2^53 − 1) are bigint; TRUE and FALSE are 1 and 0. */
export interface Literal {
  readonly value: null | number | bigint | string;
}

/** A value of the row. */
interface ColumnOperand {
  /** Index into LayerInfo.columns. */
  readonly column: number;
}

export type Operand = ColumnOperand | Literal;

/**
 * True, false or unknown, as in SQL. BETWEEN is an `and` of two comparisons, NOT IN and the like are a
 * `not`. Numbers come before texts, these before blobs. Texts are compared by their UTF-8 bytes.
 */
export type Condition =
  | { readonly is: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly is: 'not'; readonly of: Condition }
  | {
      readonly is: Comparison;
      readonly left: Operand;
      readonly right: Operand;
      /**
       * Dates and datetimes are compared as moments: those of the row are parsed, and a literal is a
       * number of milliseconds since 1970-01-01T00:00:00Z.
       */
      readonly moments: boolean;
    }
  | {
      readonly is: 'in';
      readonly left: Operand;
      readonly list: readonly Literal[];
      readonly moments: boolean;
    }
  | {
      readonly is: 'like';
      readonly left: Operand;
      readonly pattern: string;
      /** The character before one of the pattern that stands for itself; null for none. */
      readonly escapedBy: string | null;
      /** Of the letters A to Z. */
      readonly ignoreCase: boolean;
    }
  | { readonly is: 'null'; readonly left: Operand }
  /** A boolean by itself. */
  | { readonly is: 'true'; readonly left: Operand };
