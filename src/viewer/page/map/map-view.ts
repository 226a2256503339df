/** The map: OpenLayers in the CRS of the tiles, and one canvas on it that everything is painted on. */

import { ScaleLine } from 'ol/control.js';
import { defaults } from 'ol/interaction/defaults.js';
import Layer from 'ol/layer/Layer.js';
import OlMap, { type FrameState } from 'ol/Map.js';
import { addCoordinateTransforms, addProjection, get, Projection, transform } from 'ol/proj.js';
import View from 'ol/View.js';
import { coordinatesOf } from '../../../crs/coordinates.ts';
import type { Loop } from '../../../crs/projections/projection.ts';
import { lengthOfLongitude } from '../../../plot/true-shape.ts';
import type { Box, FolderInfo } from '../../shared/messages.ts';
import type { RunTile } from '../../shared/run-tiles-format.ts';
import type { Shape } from '../state.ts';
import { type Frame, place } from './frame.ts';
import { paint, type Scene, type Theme } from './painter.ts';
import { paintRunTiles } from './run-tiles.ts';

/** Pixels above, right of, below and left of what is zoomed to: for what lies on the map. */
const PADDING = [28, 64, 60, 292];
/** The same where the key is as wide as the map, without the key. */
const NARROW_PADDING = [36, 60, 84, 28];
const MOVE_MS = 250;
/** Pixels of the map's shorter side that the set's extent has at least. */
const LEAST_EXTENT = 200;
/** A pixel is no smaller, in metres. */
const FINEST = 0.002;
/** A pixel is at least this part of the largest coordinate: doubles have 52 bits. */
const PRECISION = 2 ** -44;

export interface Place {
  x: number;
  y: number;
  /** Doublings of the scale from one at which a column of the matrix is one pixel wide. */
  zoom: number;
}

/**
 * A function of one point, as OpenLayers takes it.
 * @param before, after - what x is multiplied by
 */
function pointBy(loop: Loop | null, before: number, after: number): (point: number[]) => number[] {
  return ([x, y]) => {
    const xy = Float64Array.of(x! * before, y!);
    loop?.(xy, 0, 1);
    return [xy[0]! * after, xy[1]!];
  };
}

/** The CRS as OpenLayers knows it. @param k - what x is multiplied by on the screen */
function projectionOf({ crs, matrix }: FolderInfo, k: number): Projection {
  const code = `TILEWRIGHT:${k}`;
  const known = get(code);
  if (known !== null) return known;
  const { definition, geographic, metersPerUnit } = crs;
  const [west, south, east, north] = matrix.extent;
  const projection = new Projection({
    code,
    units: geographic ? 'degrees' : 'm',
    metersPerUnit,
    extent: [west * k, south, east * k, north],
  });
  addProjection(projection);
  const { fromDegrees, toDegrees } = coordinatesOf(definition);
  const [from, to] = [pointBy(fromDegrees, 1, k), pointBy(toDegrees, 1 / k, 1)];
  addCoordinateTransforms('EPSG:4326', projection, from, to);
  return projection;
}

export class MapView {
  /** Called when the view has come to rest at another place. */
  onMoved: () => void = () => undefined;
  onClick: (x: number, y: number) => void = () => undefined;
  onPointer: (place: { x: number; y: number } | null) => void = () => undefined;
  scene: Scene | null = null;
  theme: Theme | null = null;
  /** Of a run that goes on. */
  runTiles: readonly RunTile[] = [];
  readonly #map: OlMap;
  readonly #spanX: number;
  readonly #canvas = document.createElement('canvas');
  /** Height of what lies over the map's lower side. */
  #below = 0;
  #info: FolderInfo;
  #shape: Shape = 'own';

  constructor(element: HTMLElement, scaleElement: HTMLElement, info: FolderInfo) {
    this.#spanX = info.matrix.spanX;
    this.#info = info;
    // Asked for in each frame, it would be laid out in each.
    new ResizeObserver(([entry]) => {
      this.#below = entry?.borderBoxSize[0]?.blockSize ?? 0;
      this.repaint();
    }).observe(scaleElement.parentElement!);
    element.tabIndex = 0;
    this.#canvas.className = 'tiles';
    this.#map = new OlMap({
      target: element,
      controls: [new ScaleLine({ target: scaleElement, minWidth: 72 })],
      interactions: defaults({
        altShiftDragRotate: false,
        pinchRotate: false,
      }),
      layers: [new Layer({ render: (state) => this.#render(state) })],
      view: this.#makeView(),
    });
    this.#map.on('click', ({ coordinate }) =>
      this.onClick(coordinate[0]! / this.#k, coordinate[1]!),
    );
    this.#map.on('moveend', () => this.onMoved());
    this.#map.on('pointermove', ({ coordinate }) =>
      this.onPointer({ x: coordinate[0]! / this.#k, y: coordinate[1]! }),
    );
    element.addEventListener('pointerleave', () => this.onPointer(null));
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.target !== element) return;
      const { x, y } = this.place;
      this.onClick(x, y);
    });
    for (const kind of ['focus', 'blur']) element.addEventListener(kind, () => this.repaint());
  }

  /** Where the view is. */
  get place(): Place {
    const [x = 0, y = 0] = this.#view.getCenter() ?? [];
    return { x: x / this.#k, y, zoom: Math.log2(this.#spanX / this.resolution) };
  }

  /** Units of the CRS in a pixel, along y. */
  get resolution(): number {
    return this.#view.getResolution() ?? this.#spanX;
  }

  /** Units of the CRS in a pixel, along x and y. */
  get resolutions(): [number, number] {
    return [this.resolution / this.#k, this.resolution];
  }

  get bounds(): Box {
    const size = this.#map.getSize() ?? [1, 1];
    const [minX, minY, maxX, maxY] = this.#view.calculateExtent(size) as Box;
    return [minX / this.#k, minY, maxX / this.#k, maxY];
  }

  /** What everything is painted on, as it is shown. */
  get canvas(): HTMLCanvasElement {
    return this.#canvas;
  }

  /** Draws longitudes as they are in the CRS, or shortened; the middle of the view stays. */
  setShape(shape: Shape): void {
    if (shape === this.#shape) return;
    const { x, y } = this.place;
    const { resolution } = this;
    this.#shape = shape;
    this.#replaceView(x, y, resolution);
  }

  /** Takes the bounds of all tiles anew; the view stays where it is. */
  setAll(info: FolderInfo): void {
    const { x, y } = this.place;
    const { resolution } = this;
    this.#info = info;
    this.#replaceView(x, y, resolution);
  }

  #replaceView(x: number, y: number, resolution: number): void {
    const view = this.#makeView();
    view.setCenter([x * this.#k, y]);
    view.setResolution(resolution);
    this.#map.setView(view);
  }

  goTo({ x, y, zoom }: Place): void {
    this.#view.cancelAnimations();
    this.#view.setCenter([x * this.#k, y]);
    this.#view.setResolution(this.#spanX / 2 ** zoom);
  }

  showAll(isAnimated = true): void {
    this.fit(this.#all, isAnimated);
  }

  /** @param least - pixels of the view, of which the box fills no more: for what is small */
  fit([west, south, east, north]: Box, isAnimated = true, least = 1): void {
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches || !isAnimated;
    const [width = 600, height = 600] = this.#map.getSize() ?? [];
    const [top = 0, ...sides] = NARROW_PADDING;
    const key = document.querySelector<HTMLElement>('#map-area .key')?.offsetHeight ?? 0;
    const narrow = [Math.min(top + key, height / 2), ...sides];
    this.#view.cancelAnimations();
    const box = [west * this.#k, south, east * this.#k, north];
    this.#view.fit(box, {
      // What is small and in the middle lies free.
      padding: least > 1 ? [0, 0, 0, 0] : width > 600 ? PADDING : narrow,
      duration: isStill ? 0 : MOVE_MS,
      minResolution: (((east - west) * this.#k) / width) * least,
    });
  }

  zoomBy(steps: number): void {
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#view.cancelAnimations();
    const resolution = this.#view.getConstrainedResolution(this.resolution / 2 ** steps);
    this.#view.animate({ resolution: resolution!, duration: isStill ? 0 : MOVE_MS });
  }

  repaint(): void {
    this.#map.render();
  }

  /** Longitude and latitude of a place. */
  lonLat(x: number, y: number): number[] {
    return transform([x * this.#k, y], projectionOf(this.#info, this.#k), 'EPSG:4326');
  }

  /** What x is multiplied by on the screen. */
  get #k(): number {
    const { definition, geographic } = this.#info.crs;
    if (this.#shape === 'own' || !geographic) return 1;
    const [, minY, , maxY] = this.#all;
    // As exact as one can see: not another one for each tile of a run that goes on.
    return Number(lengthOfLongitude(definition, (minY + maxY) / 2).toPrecision(3));
  }

  /** Bounds of all tiles, or of the set where there are none. */
  get #all(): Box {
    return this.#info.bounds ?? this.#info.matrix.extent;
  }

  get #view(): View {
    return this.#map.getView();
  }

  #makeView(): View {
    const [minX, minY, maxX, maxY] = this.#all;
    const { extent, spanX } = this.#info.matrix;
    const k = this.#k;
    const size = Math.max((maxX - minX) * k, maxY - minY);
    const [west, south, east, north] = extent;
    const most = Math.max(...extent.map(Math.abs));
    return new View({
      projection: projectionOf(this.#info, k),
      center: [((minX + maxX) / 2) * k, (minY + maxY) / 2],
      resolution: size / 500,
      maxResolution: Math.max((east - west) * k, north - south) / LEAST_EXTENT,
      // A few millimetres, what the finest level has, or what coordinates can tell apart.
      minResolution: Math.max(
        spanX / 2 ** 31,
        FINEST / this.#info.crs.metersPerUnit,
        most * PRECISION,
      ),
      extent: [west * k, south, east * k, north],
      constrainOnlyCenter: true,
      enableRotation: false,
      showFullExtent: true,
    });
  }

  #render(state: FrameState): HTMLElement {
    const canvas = this.#canvas;
    const { size, pixelRatio: ratio, viewState } = state;
    const width = Math.round(size[0]! * ratio);
    const height = Math.round(size[1]! * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    if (this.scene === null || this.theme === null) return canvas;
    const scaleY = ratio / viewState.resolution;
    const scaleX = scaleY * this.#k;
    const frame: Frame = {
      originX: viewState.center[0]! / this.#k - width / 2 / scaleX,
      originY: viewState.center[1]! + height / 2 / scaleY,
      scaleX,
      scaleY,
      width,
      height,
      below: this.#below * ratio,
      ratio,
      isMoving: state.viewHints.some((hints) => hints > 0),
      isMarked: this.#map.getTargetElement()?.matches(':focus-visible') ?? false,
    };
    const context = canvas.getContext('2d')!;
    if (paint(context, frame, this.scene, this.theme)) requestAnimationFrame(() => this.repaint());
    const color = this.theme.selection;
    paintRunTiles(context, this.runTiles, (box) => place(frame, box), { color, ratio });
    return canvas;
  }
}
