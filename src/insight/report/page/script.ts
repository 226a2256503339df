/**
 * What the page does on its own: it tells of what the pointer is on, zooms the time of all charts,
 * sorts tables and changes the theme. Without it all is there but the details.
 */

import { X_UNITS } from '../charts/frame.ts';
import { timeTicks } from '../charts/time-ticks.ts';
import { timelinePaths } from '../charts/timeline-paths.ts';

const LIBRARY = { timeTicks, timelinePaths };

const BODY = String.raw`
var X = ${X_UNITS};
var root = document.documentElement;
root.classList.add('js');
var page = JSON.parse(document.getElementById('data').textContent);
var line = page.timeline, view = { from: 0, to: page.seconds };
var charts = Array.prototype.slice.call(document.querySelectorAll('[data-chart]'));
var series = {};
page.lines.forEach(function (each) { series[each.id] = each; });
var tip = document.getElementById('tip');

function seconds(value) {
  if (value < 0.9995) return Math.round(value * 1000) + ' ms';
  if (value < 99.95) return value.toFixed(1) + ' s';
  if (value < 7200) return Math.floor(value / 60) + ' min ' + Math.round(value % 60) + ' s';
  return Math.floor(value / 3600) + ' h ' + Math.round(value % 3600 / 60) + ' min';
}
function scaled(value) {
  var units = ['B', 'kB', 'MB', 'GB', 'TB'], k = 0;
  while (Math.abs(value) >= 999.5 && k < 4) { value /= 1000; k++; }
  return (k ? value.toPrecision(3) : Math.round(value)) + ' ' + units[k];
}
function valueText(value, unit) {
  if (value === null) return 'not measured';
  if (unit === 'bytes') return scaled(value);
  if (unit === 'bytes/s') return scaled(value) + '/s';
  if (unit === 'share') return Math.round(value * 100) + ' %';
  return String(Math.round(value * 100) / 100);
}

// Theme: the system's, until the button says otherwise.
document.getElementById('theme').addEventListener('click', function () {
  var now = root.dataset.theme ||
    (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  root.dataset.theme = now === 'dark' ? 'light' : 'dark';
});

// Tables.
document.querySelectorAll('table.sortable').forEach(function (table) {
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell, k) {
    if (!cell.textContent) return;
    var button = document.createElement('button');
    button.textContent = cell.textContent;
    button.title = 'Sort by this';
    cell.textContent = '';
    cell.appendChild(button);
    button.addEventListener('click', function () {
      var up = cell.getAttribute('aria-sort') === 'descending';
      if (!cell.hasAttribute('aria-sort')) up = cell.className !== 'number';
      Array.prototype.forEach.call(cell.parentNode.cells, function (each) { each.removeAttribute('aria-sort'); });
      cell.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      var body = table.tBodies[0];
      var key = function (row) { var at = row.cells[k]; return at.dataset.sort === undefined ? at.textContent : Number(at.dataset.sort); };
      Array.prototype.slice.call(body.rows).sort(function (a, b) {
        var p = key(a), q = key(b);
        var order = typeof p === 'number' && typeof q === 'number' ? p - q :
          String(p).localeCompare(String(q), 'en', { numeric: true });
        return up ? order : -order;
      }).forEach(function (row) { body.appendChild(row); });
    });
  });
});

// Tasks as the paths want them, and names.
var rows = [], names = [];
if (line) {
  var before = '';
  line.subjects.forEach(function (each) { before = before.slice(0, each[0]) + each[1]; names.push(before); });
  rows = line.rows.map(function (packed) {
    var row = packed.slice(), end = 0;
    for (var i = 0; i < row.length; i += 9) { row[i] += end; end = row[i + 1] += row[i]; }
    return row;
  });
}

function draw() {
  var share = page.seconds / (view.to - view.from);
  charts.forEach(function (chart) {
    var plot = chart.querySelector('.plot'), height = plot.getAttribute('height');
    plot.setAttribute('viewBox', [view.from / page.seconds * X, 0, X / share, height].join(' '));
    var ticks = chart.querySelector('.ticks'), y = ticks.firstElementChild ? ticks.firstElementChild.getAttribute('y') : 0;
    ticks.textContent = '';
    timeTicks(view.from, view.to).forEach(function (tick) {
      var text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
      text.setAttribute('class', 'tick');
      text.setAttribute('x', (tick.at - view.from) / (view.to - view.from) * 100 + '%');
      text.setAttribute('y', y);
      text.textContent = tick.text;
      ticks.appendChild(text);
    });
    chart.querySelectorAll('.phase-name').forEach(function (text) {
      var from = (text.dataset.from / 100 - view.from / page.seconds) * share;
      var left = Math.max(0, from), right = Math.min(1, from + text.dataset.share / 100 * share);
      text.setAttribute('x', left * 100 + '%');
      text.classList.toggle('tight', right - left < 0.14);
      text.setAttribute('visibility', right - left < 0.07 ? 'hidden' : 'visible');
    });
  });
  if (!line) return;
  var steps = line.steps / page.seconds;
  var paths = timelinePaths(rows, { from: view.from * steps, to: view.to * steps, width: X,
    pitch: line.pitch, bar: line.bar, least: line.least, detail: line.detail });
  var group = document.querySelector('[data-chart=timeline] .bars');
  group.setAttribute('transform', 'translate(' + view.from / page.seconds * X + ' ' + line.ribbon + ') scale(' + 1 / share + ' 1)');
  Object.keys(paths).forEach(function (name) { group.querySelector('.bar-' + name).setAttribute('d', paths[name]); });
}
function zoom(from, to) {
  var least = page.seconds / 5000, span = Math.min(page.seconds, Math.max(least, to - from));
  from = Math.max(0, Math.min(page.seconds - span, (from + to) / 2 - span / 2));
  view = { from: from, to: from + span };
  draw();
}
document.querySelectorAll('[data-zoom]').forEach(function (button) {
  button.addEventListener('click', function () {
    var span = view.to - view.from, middle = (view.from + view.to) / 2, way = button.dataset.zoom;
    if (way === 'in') zoom(middle - span / 4, middle + span / 4);
    if (way === 'out') zoom(middle - span, middle + span);
    if (way === 'all') zoom(0, page.seconds);
    if (way === 'left') zoom(view.from - span / 3, view.to - span / 3);
    if (way === 'right') zoom(view.from + span / 3, view.to + span / 3);
  });
});

function taskText(at, y) {
  var r = Math.floor((y - line.ribbon) / line.pitch);
  if (r < 0 || r >= rows.length) return '';
  var row = rows[r], x = at / page.seconds * line.steps;
  // Half a pixel to both sides, so that short tasks can be met.
  var near = (view.to - view.from) / page.seconds * line.steps / 1500;
  for (var i = 0; i < row.length; i += 9) {
    if (x < row[i] - near || x > row[i + 1] + near) continue;
    var from = row[i] / line.steps * page.seconds, to = row[i + 1] / line.steps * page.seconds;
    var text = names[row[i + 6]];
    if (row[i + 8]) text += ', slice ' + row[i + 7] + ' of ' + row[i + 8];
    text += '\n' + line.phases[row[i + 5] & 7] + (row[i + 5] & 8 ? ', failed' : '') + ', ' + seconds(to - from) +
      ', from ' + seconds(from) + ' on';
    if (!(row[i + 5] & 8)) {
      text += '\n' + [['computing', row[i + 2]], ['core', row[i + 3]], ['blocked', row[i + 4]]]
        .filter(function (part) { return part[1] > 0; })
        .map(function (part) { return line.states[part[0]] + ' ' + part[1] + ' %'; }).join(', ');
    }
    return text + '\n' + line.workers[r];
  }
  return 'nothing to do\n' + line.workers[r];
}
function seriesText(each, at) {
  return each.lines.map(function (one) {
    var best = 0;
    for (var i = 1; i < one.at.length; i++) if (Math.abs(one.at[i] - at) < Math.abs(one.at[best] - at)) best = i;
    return one.name + ': ' + valueText(one.values[best], each.unit);
  }).join('\n');
}

function place(event, chart) {
  var box = chart.querySelector('svg').getBoundingClientRect();
  var share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  return { share: share, x: box.left - chart.getBoundingClientRect().left + share * box.width,
    y: event.clientY - box.top, at: view.from + share * (view.to - view.from) };
}
var drag = null;
charts.forEach(function (chart) {
  var cursor = document.createElement('div'), range = document.createElement('div');
  cursor.className = 'cursor';
  range.className = 'range';
  chart.appendChild(cursor);
  chart.appendChild(range);
  chart.addEventListener('pointermove', function (event) {
    var here = place(event, chart);
    charts.forEach(function (each) {
      var mark = each.querySelector('.cursor');
      mark.style.display = 'block';
      mark.style.left = here.x + 'px';
    });
    if (drag && drag.chart === chart) {
      range.style.display = 'block';
      range.style.left = Math.min(drag.x, here.x) + 'px';
      range.style.width = Math.abs(drag.x - here.x) + 'px';
    }
    var id = chart.dataset.chart;
    var text = id === 'timeline' ? taskText(here.at, here.y) : seriesText(series[id], here.at);
    tip.hidden = false;
    tip.textContent = (text ? text + '\n' : '') + 'at ' + seconds(here.at);
    var size = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - size.width - 8)) + 'px';
    tip.style.top = (event.clientY + size.height + 24 > innerHeight ? event.clientY - size.height - 12 : event.clientY + 16) + 'px';
  });
  chart.addEventListener('pointerleave', function () {
    tip.hidden = true;
    document.querySelectorAll('.cursor').forEach(function (mark) { mark.style.display = 'none'; });
  });
  chart.addEventListener('pointerdown', function (event) {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    drag = place(event, chart);
    drag.chart = chart;
    event.preventDefault();
  });
  chart.addEventListener('dblclick', function () { zoom(0, page.seconds); });
});
addEventListener('pointerup', function (event) {
  if (!drag) return;
  var here = place(event, drag.chart), first = drag;
  drag.chart.querySelector('.range').style.display = 'none';
  drag = null;
  if (Math.abs(here.x - first.x) > 5) zoom(Math.min(here.at, first.at), Math.max(here.at, first.at));
});
`;

/** The same for every report, so that the page can name it by its hash. */
export const SCRIPT = `(function(){'use strict';\n${Object.entries(LIBRARY)
  .map(([name, part]) => `var ${name} = ${part.toString()};\n`)
  .join('')}${BODY}})();\n`;
