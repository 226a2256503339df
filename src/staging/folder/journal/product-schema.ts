/**
 * Tables of what is made of tiles. They are made when they are first needed, and the journal has another
 * version from then on: an earlier program, which would change tiles under what was made of them, refuses
 * it.
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

/** Tables of duplicates; those of products are there with them. */
export const JUDGING_SCHEMA = `
  create table judged_tile (
    y integer not null, x integer not null, key text not null, crc integer not null,
    primary key (y, x)) without rowid;
  create table gone (
    y integer not null, x integer not null, input integer not null, rows integer not null,
    area real not null, crc integer not null, primary key (y, x, input)) without rowid;
  create table judged_region (
    name text primary key, state text not null, crc integer not null) without rowid;`;

/** Of a journal that has these tables. */
export const JUDGING_VERSION = 4;
