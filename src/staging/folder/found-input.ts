/** An input as it is found, before it is read. */
export interface FoundInput {
  /** Absolute; links are not resolved. */
  path: string;
  /** Name in staging, unique in the result: the path below `root` with '/', in NFC. */
  name: string;
  /** Absolute path of the folder that the name starts at. */
  root: string;
}
