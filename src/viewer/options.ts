/** How a viewer is started, and what one has of it. */

export const DEFAULT_PORT = 4173;
export const DEFAULT_HOST = '127.0.0.1';

/** Where a viewer listens. */
export interface ServeOptions {
  /** 0: any that is free. Default: 4173, or the next free one of twenty. */
  port?: number | undefined;
  /**
   * Address to listen on. Default: 127.0.0.1, which no other machine reaches. With any other,
   * whoever can reach it sees the staged polygons: there is no password and no encryption.
   */
  host?: string | undefined;
}

/** A page that is served. */
export interface Viewer {
  /** Where the page is, e.g. `http://127.0.0.1:4173/`. */
  url: string;
  /** Ends it and its threads. */
  close(): Promise<void>;
}

/** A viewer of a staged folder. */
export interface FolderViewer extends Viewer {
  /** Whether nothing is staged in the folder yet: then the page waits for a run. */
  waiting: boolean;
}
