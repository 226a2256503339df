/** Labels of a time axis, in the page as it is made and by its script. */

export interface Tick {
  at: number;
  text: string;
}

/** At most seven round times, in seconds. */
export function timeTicks(from: number, to: number): Tick[] {
  const span = to - from;
  if (!(span > 0)) return [];
  const round = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
  ];
  let step = round.find((each) => span / each <= 6) ?? 86400;
  while (span / step > 6) step *= 2;
  if (span < 3) {
    const power = 10 ** Math.floor(Math.log10(span / 6));
    step = power * ([1, 2, 5].find((each) => each * power >= span / 6) ?? 10);
  }
  const digits = step < 1 ? Math.ceil(-Math.log10(step) - 1e-9) : 0;
  const two = (value: number): string => String(value).padStart(2, '0');
  const ticks: Tick[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * span; i++) {
    const at = i * step;
    const whole = Math.round(at);
    let text = `${at.toFixed(digits)} s`;
    if (at > 0 && to >= 7200 && step >= 60) {
      text = `${Math.floor(whole / 3600)}:${two(Math.round((whole % 3600) / 60))} h`;
    } else if (at > 0 && to >= 300 && step >= 1) {
      const minutes = Math.floor(whole / 60);
      text = step % 60 === 0 ? `${minutes} min` : `${minutes}:${two(whole % 60)} min`;
    }
    ticks.push({ at, text: at === 0 ? '0' : text });
  }
  return ticks;
}
