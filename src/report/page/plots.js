// SPDX-License-Identifier: Apache-2.0
// Plots by ECharts. Each has a sentence that says what it shows, and its numbers as a table: the only thing there is
// where the build had no plot library.

const hasPlots = typeof echarts !== 'undefined';
const colours = {
  // Okabe and Ito: told apart by the colour-blind, and in grey
  blue: '#0072b2',
  orange: '#e69f00',
  green: '#009e73',
  vermillion: '#d55e00',
  purple: '#cc79a7',
  sky: '#56b4e9',
  grey: '#8a939d',
  dark: '#1b1f24',
};
const goodToBad = ['#00204d', '#2b446e', '#575d6d', '#7d7c78', '#a69d75', '#d3c164']; // cividis without its palest end
const general = {animation: false, textStyle: {fontFamily: 'system-ui, "DejaVu Sans", sans-serif'}};
const drawn = [];

// By rank, so that a few hopeless trials do not make all others look alike. `share`: 0 the best, 1 the worst.
function rankColour(share) {
  const at = Math.max(0, Math.min(1, share)) * (goodToBad.length - 1),
    before = Math.min(goodToBad.length - 2, Math.floor(at));
  const channels = (colour) => [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16));
  const [low, high] = [channels(goodToBad[before]), channels(goodToBad[before + 1])];
  return `rgb(${low.map((channel, c) => Math.round(channel + (at - before) * (high[c] - channel))).join(',')})`;
}

// What lies within these margins is all of the plot: labels and names of axes, too.
const grid = (margins = {}) => ({
  left: 4,
  right: 16,
  top: 14,
  bottom: 4,
  outerBoundsMode: 'same',
  outerBoundsContain: 'all',
  ...margins,
});

const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function axis(name, more = {}) {
  return {
    name,
    nameLocation: 'middle',
    nameGap: more.nameGap ?? 30,
    type: 'value',
    scale: true,
    nameTextStyle: {color: '#5b6470', fontSize: 13},
    axisLabel: {color: '#5b6470', hideOverlap: true, ...more.axisLabel},
    axisLine: {onZero: false, lineStyle: {color: '#9aa3ad'}},
    splitLine: {lineStyle: {color: '#edf0f3'}},
    ...omit(more, 'axisLabel'),
  };
}

function omit(object, key) {
  const {[key]: _, ...rest} = object;
  return rest;
}

// A scale for values of which some are hopeless: logarithmic where it fits, else cut off beyond most of them.
function valueScale(values, extra = [], goal = sweep.goal) {
  const all = [...values, ...extra].filter(isNumber);
  if (!all.length) return {};
  const low = Math.min(...all),
    high = Math.max(...all);
  const must = extra.filter(isNumber);
  const limits =
    goal === 'maximize'
      ? [Math.min(quantile(values, 0.1) ?? low, ...must), high]
      : [low, Math.max(quantile(values, 0.9) ?? high, ...must)];
  if (low > 0 && limits[1] / limits[0] > 8)
    return {type: 'log', min: niceBelow(low), max: niceAbove(high), axisLabel: {formatter: axisNumber}};
  const size = Math.max(Math.abs(limits[0]), Math.abs(limits[1])) || 1,
    width = limits[1] - limits[0];
  const margin = 0.06 * (width > 1e-4 * size ? width : size);
  return {
    min: limits[0] - margin,
    max: limits[1] + margin,
    axisLabel: {formatter: axisNumber, showMinLabel: false, showMaxLabel: false},
  };
}

// 1, 2 or 5 times a power of ten.
function niceBelow(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [5, 2, 1].map((step) => step * power).find((nice) => nice <= value * 1.000001) ?? power;
}

function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((nice) => nice >= value * 0.999999) ?? 10 * power;
}

const floorLine = (floor) =>
  isNumber(floor)
    ? {
        silent: true,
        symbol: 'none',
        lineStyle: {color: colours.vermillion, type: 'dashed', width: 1.5},
        label: {formatter: `floor ${fourDigits(floor)}`, position: 'insideEndTop', color: colours.vermillion},
        data: [{yAxis: floor}],
      }
    : undefined;

const tooltip = (text) => ({
  trigger: 'item',
  confine: true,
  textStyle: {fontSize: 13, color: colours.dark},
  formatter: (hit) => text(hit).map(escaped).join('<br>'),
});

// A figure. `option` is what ECharts draws, or a function that makes it; `rows` a function, called when wanted.
// Returns the element, with `.redraw()` after a change of what option(), caption() and rows() tell.
function figure({id, title, caption, option, columns, rows, height = 320, minWidth = 0, many = false}) {
  const plot = hasPlots
    ? element('div', {class: 'plot', style: `height:${height}px;min-width:${minWidth}px`, role: 'img', 'data-plot': id})
    : null;
  const words = element('figcaption');
  const numbers = element('div');
  const details = element('details', {}, element('summary', {}, 'The numbers'), numbers);
  const made = element(
    'figure',
    {id},
    title ? element('h3', {}, title) : null,
    plot && minWidth ? element('div', {class: 'scroll'}, plot) : plot,
    words,
    details,
  );
  const fill = () => numbers.replaceChildren(table(columns(), rows()));
  details.addEventListener('toggle', () => details.open && fill());
  made.redraw = () => {
    words.textContent = caption();
    plot?.setAttribute('aria-label', caption());
    if (details.open || !hasPlots) fill();
    made.chart?.setOption({...general, ...option()}, {notMerge: true});
  };
  made.draw = () => {
    // once it has a place and so a width
    details.open = !hasPlots;
    if (hasPlots) {
      made.chart = echarts.init(plot, null, {renderer: many ? 'canvas' : 'svg'});
      drawn.push(made.chart);
    }
    made.redraw();
    if (hasPlots) made.drawn?.(made.chart);
  };
  return made;
}

const isNarrow = () => document.documentElement.clientWidth < 600;
addEventListener('resize', () => drawn.forEach((chart) => chart.resize()));
// On paper plots are as wide as there is room (style.css), and a drawing scales only with a view box.
addEventListener('beforeprint', () => {
  for (const chart of drawn)
    chart.getDom().querySelector('svg')?.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
});

// Buttons of which one is pressed. `names` are [key, text].
function choice(name, label, names, changed) {
  let chosen = choices.get(name, names[0][0]);
  if (!names.some(([key]) => key === chosen)) chosen = names[0][0];
  const buttons = names.map(([key, text]) =>
    element(
      'button',
      {
        type: 'button',
        'aria-pressed': String(key === chosen),
        onclick: () => {
          chosen = key;
          choices.set(name, key);
          buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(names[i][0] === key)));
          changed(key);
        },
      },
      text,
    ),
  );
  const made = element(
    'div',
    {class: 'controls', role: 'group', 'aria-label': label},
    element('span', {}, label),
    ...buttons,
  );
  made.chosen = () => chosen;
  return made;
}

// A list to choose from. `names` are [key, text].
function list(label, names, chosen, changed) {
  const select = element(
    'select',
    {onchange: () => changed(JSON.parse(select.value))},
    ...names.map(([key, text]) => element('option', {value: JSON.stringify(key)}, text)),
  );
  select.value = JSON.stringify(chosen);
  const made = element('label', {class: 'controls'}, label, select);
  made.choose = (key) => {
    select.value = JSON.stringify(key);
  };
  return made;
}

function section(id, title, ...children) {
  const figures = children.flatMap((child) =>
    child?.matches?.('figure') ? [child] : [...(child?.querySelectorAll?.('figure') ?? [])],
  );
  const made = element('section', {id}, element('h2', {}, title), ...children);
  made.draw = () => figures.forEach((one) => one.draw());
  return made;
}
