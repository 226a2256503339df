/** The view as a file: the map, what its colours stand for, a scale, and where its lines are from. */

import type { FolderInfo } from '../../shared/messages.ts';
import { byId } from '../dom.ts';
import type { State } from '../state.ts';
import type { Key } from './color-key.ts';
import { COASTLINE_SOURCE } from './ground/coastlines.ts';
import type { MapView } from './map-view.ts';

const MARGIN = 12;
const LINE = 19;
const WIDTH = 250;

/** Gives the browser a PNG to save, named after the folder. */
export async function savePicture(
  map: MapView,
  key: Key | null,
  { name, tms, z, crs }: FolderInfo,
  { hidden }: State,
): Promise<void> {
  const source = map.canvas;
  const ratio = source.width / source.clientWidth;
  const width = source.clientWidth;
  const mapHeight = source.clientHeight;
  const footer = 2 * LINE + MARGIN;
  const canvas = document.createElement('canvas');
  canvas.width = source.width;
  canvas.height = source.height + footer * ratio;
  const context = canvas.getContext('2d')!;
  const style = getComputedStyle(document.documentElement);
  // Variables hold pairs of colours; what an element has is one of them.
  const ink = getComputedStyle(document.body).color;
  const surface = getComputedStyle(byId('panel')).backgroundColor;
  const soft = getComputedStyle(byId('facts')).color;
  context.fillStyle = getComputedStyle(byId('map-area')).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0);
  context.scale(ratio, ratio);
  context.textBaseline = 'middle';
  const write = (text: string, x: number, y: number, color: string, font = '13px'): void => {
    context.font = `${font} ${style.fontFamily}`;
    context.fillStyle = color;
    context.fillText(text, x, y);
  };
  if (key !== null) drawKey(context, key, { ink, soft, surface, write });

  context.fillStyle = surface;
  context.fillRect(0, mapHeight, width, footer);
  const y = mapHeight + MARGIN / 2 + LINE / 2;
  write(`${name} · z ${z} of ${tms} · ${crs.name}`, MARGIN, y, ink, '600 13px');
  const sourceText = hidden.includes('land') ? '' : ` · ${COASTLINE_SOURCE}`;
  write(`Tilewright${sourceText}`, MARGIN, y + LINE, soft, '12px');
  const scale = document.querySelector<HTMLElement>('#scale .ol-scale-line-inner');
  if (scale !== null) {
    const length = scale.getBoundingClientRect().width;
    context.font = `12px ${style.fontFamily}`;
    const text = scale.textContent ?? '';
    const right = width - MARGIN;
    context.fillStyle = ink;
    context.fillRect(right - length, y + LINE + 4, length, 2);
    context.fillRect(right - length, y + LINE - 3, 2, 9);
    context.fillRect(right - 2, y + LINE - 3, 2, 9);
    write(
      text,
      right - length / 2 - context.measureText(text).width / 2,
      y + LINE - 7,
      ink,
      '12px',
    );
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (blob === null) throw new Error('The browser could not make a picture of this size.');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${fileName(name)}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

interface Pen {
  ink: string;
  soft: string;
  surface: string;
  write(text: string, x: number, y: number, color: string, font?: string): void;
}

function drawKey(
  context: CanvasRenderingContext2D,
  { title, ramp, items, note }: Key,
  { ink, soft, surface, write }: Pen,
): void {
  const lines = 1 + items.length + (ramp === null ? 0 : 2) + (note === '' ? 0 : 1);
  context.fillStyle = surface;
  context.beginPath();
  context.roundRect(MARGIN, MARGIN, WIDTH + 2 * MARGIN, lines * LINE + MARGIN, 8);
  context.fill();
  const left = 2 * MARGIN;
  const right = left + WIDTH;
  let y = 1.5 * MARGIN + LINE / 2;
  write(cut(context, title, WIDTH), left, y, ink, '600 13px');
  if (ramp !== null) {
    const gradient = context.createLinearGradient(left, 0, right, 0);
    for (const [k, color] of ramp.colors.entries()) {
      gradient.addColorStop(k / (ramp.colors.length - 1), color);
    }
    context.fillStyle = gradient;
    y += LINE;
    context.fillRect(left, y - 5, WIDTH, 10);
    y += LINE;
    for (const [k, text] of ramp.ticks.entries()) {
      const room = WIDTH - context.measureText(text).width;
      write(text, left + (room * k) / Math.max(1, ramp.ticks.length - 1), y, soft, '12px');
    }
  }
  for (const item of items) {
    y += LINE;
    context.fillStyle = item.fill;
    context.strokeStyle = item.line;
    context.lineWidth = 1.5;
    context.fillRect(left, y - 6, 16, 12);
    context.strokeRect(left, y - 6, 16, 12);
    const counted = context.measureText(item.count).width;
    write(cut(context, item.label, WIDTH - counted - 40), left + 24, y, ink);
    write(item.count, right - counted, y, soft);
  }
  if (note !== '') write(cut(context, note, WIDTH), left, y + LINE, soft, '12px');
}

function cut(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 0 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

/** Without what names of files can't have. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._ -]+/gu, '-') || 'tilewright';
}
