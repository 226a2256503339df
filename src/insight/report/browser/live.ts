/**
 * Asks for news while somebody looks, and then loads the page anew, where it was scrolled to. Once
 * somebody has clicked into it, it stays as it is.
 */

const ASK_MS = 2000;

let seen: string | null = null;
let touched = false;
addEventListener('pointerdown', () => {
  touched = true;
});
setInterval(async () => {
  if (document.hidden || touched) return;
  try {
    const answer = await fetch('/version');
    const { version } = (await answer.json()) as { version: string };
    if (seen !== null && version !== seen) location.reload();
    seen = version;
  } catch {
    // It has ended, or will answer the next time.
  }
}, ASK_MS);
