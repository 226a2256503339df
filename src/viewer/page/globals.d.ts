/** The library that the page loads before its own script. */

import type openLayers from 'ol/dist/ol.js';

declare global {
  const ol: typeof openLayers;
}
