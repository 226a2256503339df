import { inputContract } from './contract.ts';
import { ENTRIES } from './contract-inputs.ts';
import { registerFormats } from './json-lines.ts';

registerFormats();
for (const entry of ENTRIES) inputContract(entry, ENTRIES);
