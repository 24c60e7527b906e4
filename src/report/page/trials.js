// SPDX-License-Identifier: Apache-2.0
// All trials, best first: sorted by any column, cut down to what is brushed in the parallel coordinates.

const trials = report.trials;
const numTrials = trials.number.length;
const rowsAtOnce = 25;
let selected = null; // a trial's number

function select(trial) {
  selected = trial;
  choices.set('trial', trial);
  events.tell('selected', trial);
}

function trialColumns() {
  const column = (title, values, show, left = false) => ({title, values, show, left});
  const test = sweep.metric === 'train_loss' ? 'loss' : sweep.score;
  return [
    column('trial', trials.number, String),
    column(sweep.metric, trials.value, fourDigits),
    ...sweep.further.map((metric, m) => column(metric.name, trials.further[m], valueText)),
    ...(test ? [column(`test_${test}`, trials.test, fourDigits)] : []),
    ...report.dimensions.map((dimension, d) => column(shortName(dimension.name), trials.point[d], valueText)),
    column('epochs', trials.epochs, String),
    column('best epoch', trials.best_epoch, (epoch) => (epoch ? String(epoch) : '–')),
    column('state', trials.state, String, true),
    ...(trials.verdict.some((verdict) => verdict && verdict !== 'too short')
      ? [column('learning curve', trials.verdict, (verdict) => verdict ?? '–', true)]
      : []),
  ];
}

// Missing values come last, whichever way.
function sortedPlaces(values, places, isDescending) {
  const sign = isDescending ? -1 : 1;
  return [...places].sort((a, b) => {
    const [x, y] = [values[a], values[b]];
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * (typeof x === 'string' ? x.localeCompare(y, 'en', {numeric: true}) : x - y) || a - b;
  });
}

function trialsSection() {
  if (!numTrials) return null;
  const columns = trialColumns();
  let order = choices.get('order', null); // null: best first, as the file has them
  let brushed = null;
  let shown = rowsAtOnce;
  const body = element('tbody');
  const note = element('p', {class: 'soft', 'aria-live': 'polite', id: 'trials-note'});
  const more = element('button', {
    class: 'more',
    type: 'button',
    onclick: () => {
      shown += 4 * rowsAtOnce;
      fill();
    },
  });
  const clear = element(
    'button',
    {class: 'more', type: 'button', onclick: () => events.tell('clear brush')},
    'show all trials',
  );
  const heads = columns.map((column, c) =>
    element(
      'th',
      {class: column.left ? 'left' : null, scope: 'col'},
      element(
        'button',
        {
          type: 'button',
          onclick: () => {
            order =
              order?.column === c ? {column: c, isDescending: !order.isDescending} : {column: c, isDescending: false};
            choices.set('order', order);
            fill();
          },
        },
        column.title,
      ),
    ),
  );

  function row(place) {
    const choose = () => select(trials.number[place]);
    return element(
      'tr',
      {
        tabindex: 0,
        'aria-selected': String(trials.number[place] === selected),
        onclick: choose,
        onkeydown: (press) => {
          if (press.key === 'Enter') choose();
        },
      },
      ...columns.map((column) =>
        element('td', {class: column.left ? 'left' : null}, column.show(column.values[place])),
      ),
    );
  }

  function fill() {
    let places = brushed ?? [...trials.number.keys()];
    if (order && columns[order.column]) places = sortedPlaces(columns[order.column].values, places, order.isDescending);
    heads.forEach((head, c) => {
      const isSorted = order?.column === c;
      head.setAttribute('aria-sort', isSorted ? (order.isDescending ? 'descending' : 'ascending') : 'none');
    });
    body.replaceChildren(...places.slice(0, shown).map(row));
    more.hidden = shown >= places.length;
    const number = Math.min(4 * rowsAtOnce, places.length - shown);
    more.textContent = `show ${number} more of ${places.length.toLocaleString('en')}`;
    clear.hidden = !brushed;
    note.textContent = brushed
      ? `${brushed.length.toLocaleString('en')} of ${counted(numTrials, 'trial')}: those brushed in parallel coordinates.`
      : `${counted(numTrials, 'trial')}${order ? '' : ', best first'}. A click on a row shows its curves below.`;
  }

  events.on('selected', fill);
  events.on('brushed', (places) => {
    brushed = places;
    fill();
  });
  fill();
  return section(
    'trials',
    'Trials',
    note,
    element(
      'div',
      {class: 'scroll'},
      element('table', {class: 'trials'}, element('thead', {}, element('tr', {}, ...heads)), body),
    ),
    element('div', {class: 'controls'}, more, clear),
  );
}
