/** A CRS as a file or a person names it. At least one of `code` and `definition` is set. */
export interface CrsReference {
  /** Who gave the code, for example `EPSG` or `OGC`. */
  authority?: string;
  /** For example `3413` or `CRS84`. */
  code?: string;
  /** WKT or PROJ string. */
  definition?: string;
  /** The same in other words: it must mean the same. */
  otherDefinition?: string;
  name?: string;
}
