import { registerFormats } from '../json-lines.ts';
import { inputContract } from './contract.ts';
import { ENTRIES } from './contract-inputs.ts';

registerFormats();
for (const entry of ENTRIES) inputContract(entry, ENTRIES);
