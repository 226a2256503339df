/** How coordinates were led from an input's datum to that of the tiles, as results tell it. */
export interface OperationSummary {
  /**
   * `same`: one datum; `known`: an operation of the table; `given`: one that came with a CRS's
   * definition; `ballpark`: none is known, longitudes and latitudes are taken as they are.
   */
  kind: 'same' | 'known' | 'given' | 'ballpark';
  /** Of the operation, as EPSG or ESRI name it. */
  name: string;
  /** `EPSG:1311`; several with + between them. */
  id: string | null;
  /** Metres; null when it is not known. */
  accuracy: number | null;
  /** Whether the area that it is made for holds the extent. */
  inside: boolean;
}
