// SPDX-License-Identifier: Apache-2.0
// Elements and numbers as text. Text from the results file only ever becomes text nodes: nothing here parses markup.
'use strict';

const report = JSON.parse(document.getElementById('data').textContent);
const sweep = report.sweep;

// element('td', {class: 'left'}, 'text', otherElement, null …)
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

// Four significant digits, as seqsweep status writes them.
function fourDigits(value) {
  if (!isNumber(value)) return '–';
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(3);
  return size >= 999.95 ? value.toFixed(0) : value.toPrecision(4);
}

// For the labels of an axis: as few digits as tell.
function axisNumber(value) {
  const size = Math.abs(value);
  if (size > 0 && size < 1e-3) return Number(value.toPrecision(3)).toExponential();
  return size < 1e6
    ? value.toLocaleString('en', {maximumSignificantDigits: 4})
    : Number(value.toPrecision(3)).toExponential();
}

const twoDigits = (value) => (isNumber(value) ? String(Number(value.toPrecision(2))) : '–');
const percent = (share) =>
  (share >= 0.0005 && share < 0.01 ? (100 * share).toFixed(1) : (100 * share).toFixed(0)) + ' %';
// What one host does in so long: {name, factor from hours}.
function nodeUnit(hours) {
  if (hours >= 0.5) return {name: 'node-hours', factor: 1};
  return hours >= 1 / 120 ? {name: 'node-minutes', factor: 60} : {name: 'node-seconds', factor: 3600};
}
const counted = (number, what) => `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
const ordinal = (n) => n + (n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'));

// A value of a dimension or a count: whole numbers stay whole.
function valueText(value) {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : fourDigits(value);
}

// "learning_rate" of "train.learning_rate", where that is the only one of its name.
function shortName(name) {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const others = report.dimensions.filter(
    (dimension) => dimension.name.endsWith('.' + last) || dimension.name === last,
  );
  return others.length > 1 ? name : last;
}

// The unit in which so many seconds read best.
function timeUnit(seconds) {
  if (seconds < 180) return {name: 's', seconds: 1};
  return seconds < 3 * 3600 ? {name: 'min', seconds: 60} : {name: 'h', seconds: 3600};
}

function quantile(values, share) {
  const sorted = values.filter(isNumber).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] : null;
}

// table([{title, left, wrap}], [[cell …] …]): cells are texts or elements.
function table(columns, rows, attributes = {}) {
  const side = (column) => [column.left && 'left', column.wrap && 'wrap'].filter(Boolean).join(' ') || null;
  const head = columns.map((column) => element('th', {class: side(column), scope: 'col'}, column.title));
  const body = rows.map((row) =>
    element('tr', {}, ...row.map((cell, c) => element('td', {class: side(columns[c])}, cell))),
  );
  return element(
    'div',
    {class: 'scroll'},
    element('table', attributes, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body)),
  );
}

// What the reader chose survives the page's loading itself again.
const choices = {
  key: (name) => `seqsweep ${sweep.results} ${name}`,
  get(name, otherwise) {
    try {
      return JSON.parse(sessionStorage.getItem(this.key(name))) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    try {
      sessionStorage.setItem(this.key(name), JSON.stringify(value));
    } catch {
      /* a browser that keeps nothing */
    }
  },
};

// Who wants to know when a trial is selected or trials are brushed.
const events = {
  listeners: {},
  on(name, listener) {
    (this.listeners[name] ??= []).push(listener);
  },
  tell(name, value) {
    for (const listener of this.listeners[name] ?? []) listener(value);
  },
};
