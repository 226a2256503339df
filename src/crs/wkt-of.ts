import type { CrsDefinition } from './definition.ts';

export function wktOf(_definition: CrsDefinition): string | null {
  return null;
}
