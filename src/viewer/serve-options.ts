/** Made by scripts/make-docs.ts from serve-schema.ts: change that, and run it. */

/** Where a viewer listens. */
export interface ServeOptions {
  /** Port to listen on; 0: any that is free. Default: 4173, or the next one that is free. */
  port?: number | undefined;
  /** Address to listen on. The default is for this machine alone; with another one, others may see what is staged: there is no password and no encryption. Default: `"127.0.0.1"`. */
  host?: string | undefined;
}
