/** A function that makes a command, and says where it was found. */

import { fileURLToPath } from 'node:url';

export const echo = (text: string): string[] => [
  'echo',
  `${fileURLToPath(import.meta.url)}: ${text}`,
];
