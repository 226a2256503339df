/** The map: OpenLayers in the CRS of the tiles, and one canvas on it that everything is painted on. */

import { ScaleLine } from 'ol/control.js';
import { defaults } from 'ol/interaction/defaults.js';
import Layer from 'ol/layer/Layer.js';
import OlMap, { type FrameState } from 'ol/Map.js';
import { addCoordinateTransforms, addProjection, Projection, transform } from 'ol/proj.js';
import View from 'ol/View.js';
import { coordinatesOf } from '../../../crs/coordinates.ts';
import type { Loop } from '../../../crs/projections/projection.ts';
import type { Box, FolderInfo } from '../../shared/messages.ts';
import type { RunTile } from '../../shared/run-tiles-format.ts';
import { type Frame, paint, place, type Scene, type Theme } from './painter.ts';
import { paintRunTiles } from './run-tiles.ts';

/** Name of the CRS within the page. */
const CRS = 'TILEWRIGHT:0';
/** Pixels above, right of, below and left of what is zoomed to: for what lies on the map. */
const PADDING = [28, 64, 60, 292];
const NARROW_PADDING = [180, 28, 60, 28];
const MOVE_MS = 250;

export interface Place {
  x: number;
  y: number;
  /** Doublings of the scale from one at which a column of the matrix is one pixel wide. */
  zoom: number;
}

/** A function of one point, as OpenLayers takes it. */
function pointBy(loop: Loop | null): (point: number[]) => number[] {
  return ([x, y]) => {
    const xy = Float64Array.of(x!, y!);
    loop?.(xy, 0, 1);
    return [xy[0]!, xy[1]!];
  };
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
  #all: Box;

  constructor(element: HTMLElement, scaleElement: HTMLElement, info: FolderInfo) {
    this.#spanX = info.matrix.spanX;
    this.#all = info.bounds ?? info.matrix.extent;
    const { definition, geographic, metersPerUnit } = info.crs;
    const projection = new Projection({
      code: CRS,
      units: geographic ? 'degrees' : 'm',
      metersPerUnit,
      extent: info.matrix.extent,
    });
    const { fromDegrees, toDegrees } = coordinatesOf(definition);
    addProjection(projection);
    addCoordinateTransforms('EPSG:4326', projection, pointBy(fromDegrees), pointBy(toDegrees));
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
      view: this.#makeView(info),
    });
    this.#map.on('click', ({ coordinate }) => this.onClick(coordinate[0]!, coordinate[1]!));
    this.#map.on('moveend', () => this.onMoved());
    this.#map.on('pointermove', ({ coordinate }) =>
      this.onPointer({ x: coordinate[0]!, y: coordinate[1]! }),
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
    return { x, y, zoom: Math.log2(this.#spanX / this.resolution) };
  }

  /** Units of the CRS in a pixel. */
  get resolution(): number {
    return this.#view.getResolution() ?? this.#spanX;
  }

  get bounds(): Box {
    return this.#view.calculateExtent(this.#map.getSize() ?? [1, 1]) as Box;
  }

  /** Takes the bounds of all tiles anew; the view stays where it is. */
  setAll(info: FolderInfo): void {
    this.#all = info.bounds ?? info.matrix.extent;
    const view = this.#makeView(info);
    view.setCenter(this.#view.getCenter());
    view.setResolution(this.#view.getResolution());
    this.#map.setView(view);
  }

  goTo({ x, y, zoom }: Place): void {
    this.#view.cancelAnimations();
    this.#view.setCenter([x, y]);
    this.#view.setResolution(this.#spanX / 2 ** zoom);
  }

  showAll(isAnimated = true): void {
    this.fit(this.#all, isAnimated);
  }

  /** @param least - pixels of the view, of which the box fills no more: for what is small */
  fit(box: Box, isAnimated = true, least = 1): void {
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches || !isAnimated;
    const width = this.#map.getSize()?.[0] ?? 600;
    this.#view.cancelAnimations();
    this.#view.fit(box, {
      // What is small and in the middle lies free.
      padding: least > 1 ? [0, 0, 0, 0] : width > 700 ? PADDING : NARROW_PADDING,
      duration: isStill ? 0 : MOVE_MS,
      minResolution: ((box[2] - box[0]) / width) * least,
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
    return transform([x, y], CRS, 'EPSG:4326');
  }

  get #view(): View {
    return this.#map.getView();
  }

  #makeView(info: FolderInfo): View {
    const [minX, minY, maxX, maxY] = this.#all;
    const size = Math.max(maxX - minX, maxY - minY);
    const { metersPerUnit } = info.crs;
    return new View({
      projection: CRS,
      center: [(minX + maxX) / 2, (minY + maxY) / 2],
      resolution: size / 500,
      maxResolution: size / 150,
      // Half a centimetre, or what the finest level has.
      minResolution: Math.max(info.matrix.spanX / 2 ** 31, 0.005 / metersPerUnit),
      extent: [minX - size / 2, minY - size / 2, maxX + size / 2, maxY + size / 2],
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
    const scale = ratio / viewState.resolution;
    const frame: Frame = {
      originX: viewState.center[0]! - width / 2 / scale,
      originY: viewState.center[1]! + height / 2 / scale,
      scale,
      width,
      height,
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
