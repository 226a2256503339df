/** The libraries that the page loads before its own script. */

import type openLayers from 'ol/dist/ol.js';
import type projections from 'proj4';

declare global {
  const ol: typeof openLayers;
  const proj4: typeof projections;
}
