/** What tests ask of a page, as scripts that run in it. */

/** Part of the map's canvas that something is painted on. */
export const PAINTED = `(() => {
  const canvas = document.querySelector('canvas.tiles');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let k = 3; k < data.length; k += 4) if (data[k] > 0) painted++;
  return painted / (data.length / 4);
})()`;
/** The lowest contrast of a text with what is behind it, and that text (WCAG 2.1, 1.4.3). */
export const CONTRAST = `(() => {
  const context = document.createElement('canvas')
    .getContext('2d', { willReadFrequently: true });
  const rgb = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let lowest = [21, ''];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest('.unseen, .skip, option, :disabled')) continue;
    let behind = element;
    while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] < 200) behind = behind.parentElement;
    const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor]
      .map((color) => luminance(rgb(color).slice(0, 3)) + 0.05);
    const contrast = Math.max(a, b) / Math.min(a, b);
    texts++;
    if (contrast < lowest[0]) lowest = [contrast, walker.currentNode.data.trim()];
  }
  return { lowest: lowest[0], text: lowest[1], texts };
})()`;

/** How many of 12 hues the map's canvas has in at least one dot of a thousand. */
export const COLORS_OF = `(() => {
  const canvas = document.querySelector('canvas.tiles');
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const hues = new Uint32Array(12);
  for (let k = 0; k < data.length; k += 4) {
    const [r, g, b, a] = data.subarray(k, k + 4);
    const most = Math.max(r, g, b);
    const range = most - Math.min(r, g, b);
    if (a < 100 || range < 40) continue;
    const sixth = most === r ? (g - b) / range : most === g ? 2 + (b - r) / range : 4 + (r - g) / range;
    hues[Math.floor(((sixth + 6) % 6) * 2)]++;
  }
  return hues.filter((dots) => dots > data.length / 4000).length;
})()`;
