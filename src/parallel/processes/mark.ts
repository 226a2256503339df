/** Every process that a task starts has this in its environment, by which it is found. */
export const TASK_VARIABLE = 'TILEWRIGHT_TASK';
