/**
 * Tables of products. They are made with the first one, and the journal has another version from then
 * on: an earlier program, which would change tiles under their products, refuses it.
 */

export const PRODUCT_SCHEMA = `
  create table product (
    id integer primary key, name text unique not null, extension text not null, crc integer not null);
  create table product_tile (
    product integer not null references product (id), z integer not null, y integer not null,
    x integer not null, state text not null, size integer not null, sum integer not null,
    crc integer not null, primary key (product, z, y, x)) without rowid;`;

/** Of a journal that has these tables. */
export const PRODUCT_VERSION = 3;
