/** Seconds that a run takes yet, at best and at worst. */
export interface TimeLeft {
  low: number;
  high: number;
}
