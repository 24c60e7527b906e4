// SPDX-License-Identifier: Apache-2.0
// The answer first: the best configuration, how good it is, how sure that is, and how to have it again.

const isCommand = sweep.command !== '';
const lossWords = {
  loss: 'loss',
  accuracy: 'accuracy',
  mae: 'mean absolute error',
  rmse: 'root mean squared error',
  r2: 'R²',
};

function stateWords() {
  const states = Object.entries(sweep.states).map(([state, number]) => `${number.toLocaleString('en')} ${state}`);
  const others = [
    sweep.num_offspring ? `${sweep.num_offspring} went on from others` : null,
    sweep.num_replicates ? `${sweep.num_replicates} of them replicates` : null,
  ].filter(Boolean);
  const work = report.ledger?.total;
  const unit = nodeUnit(work);
  const begun = sweep.num_begun - sweep.num_offspring - sweep.num_replicates;
  return (
    `${begun.toLocaleString('en')} of ${counted(sweep.num_planned, 'trial')} begun` +
    (states.length ? ` (${[...states, ...others].join(', ')})` : '') +
    `, ${counted(sweep.num_epochs, 'epoch')} trained` +
    (work ? `, ${twoDigits(work * unit.factor)} ${unit.name}` : '')
  );
}

function heading() {
  const state = sweep.is_sealed
    ? element('span', {class: 'pill good'}, 'finished')
    : element('span', {class: 'pill look'}, 'not finished: running, or stopped');
  const subject = isCommand ? 'Sweep of a command' : `Sweep on data set ${sweep.dataset}`;
  return element(
    'header',
    {},
    element('h1', {}, `${subject}  `, state),
    element(
      'div',
      {class: 'soft'},
      `${sweep.results}, read ${sweep.made_at}. ${stateWords()}.` +
        (sweep.reload_s ? ` This page loads itself again every ${sweep.reload_s} s.` : ''),
    ),
    sweep.budget ? element('div', {class: 'soft', id: 'budget'}, `Budget: ${sweep.budget}.`) : null,
  );
}

// "7.6 % of the floor, 0.1629 (mean)"; how much better depends on what the score is.
function floorFact(best) {
  if (!isNumber(sweep.floor)) return null;
  const rule = `the floor of ${fourDigits(sweep.floor)} (${sweep.floor_rule})`;
  const beats = sweep.goal === 'maximize' ? best.value > sweep.floor : best.value < sweep.floor;
  const ratio = best.value / sweep.floor;
  const least = 0.0005; // less would be written as 0 %
  const share =
    sweep.goal !== 'minimize' || sweep.floor <= 0 ? '' : ratio < least ? 'less than 0.1 % of ' : `${percent(ratio)} of `;
  return beats
    ? element('li', {}, element('span', {class: 'good'}, 'Beats '), share ? `the trivial rule: ${share}${rule}` : rule)
    : element('li', {}, element('strong', {class: 'look'}, 'Does not beat '), rule);
}

// The test part never chose anything, so it tells what the choice is worth.
function testFact(best) {
  const [test, floor] = [best.test[sweep.score], sweep.test_floor[sweep.score]];
  if (!isNumber(test) || !isNumber(floor)) return null;
  const isBetter = sweep.goal === 'maximize' ? test > floor : test < floor;
  return element(
    'li',
    {},
    `On the test part: ${sweep.score} ${fourDigits(test)}, floor ${fourDigits(floor)}`,
    isBetter ? null : element('strong', {class: 'look'}, ': does not beat it'),
  );
}

function spreadFact(best) {
  const spread = sweep.spreads.find((one) => one.trial === best.trial);
  if (!spread)
    return element(
      'li',
      {},
      'Seed spread: not measured. ',
      element(
        'span',
        {class: 'soft'},
        'sweep.replicate_best = 1 trains the best again from other random numbers, to tell how much of it is luck.',
      ),
    );
  const plusMinus = (mean, error) => fourDigits(mean) + (isNumber(error) ? ` ± ${twoDigits(error)}` : '');
  return element(
    'li',
    {},
    `Seed spread: trained again ${counted(spread.num_replicates, 'time')} from other random numbers, ` +
      `${sweep.metric} ${plusMinus(spread.mean, spread.standard_error)}` +
      (isNumber(spread.test_mean)
        ? `, test ${sweep.score} ${plusMinus(spread.test_mean, spread.test_standard_error)}`
        : '') +
      ' (mean ± its standard error)' +
      (spread.num_lost ? `; ${spread.num_lost} of them lost` : ''),
  );
}

function scoreTable(best) {
  if (isCommand)
    return table(
      [{title: 'metric', left: true}, {title: 'value'}],
      best.metrics.map(([name, value]) => [name, fourDigits(value)]),
    );
  const rows = Object.keys(lossWords)
    .filter((score) => isNumber(best.validation[score]) || isNumber(best.test[score]))
    .map((score) => [
      lossWords[score],
      fourDigits(best.validation[score]),
      fourDigits(sweep.validation_floor[score]),
      fourDigits(best.test[score]),
      fourDigits(sweep.test_floor[score]),
    ]);
  return table(
    [{title: 'score', left: true}, {title: 'validation'}, {title: 'floor'}, {title: 'test'}, {title: 'floor'}],
    rows,
  );
}

// A schedule where the best went on from other trials: a column for each stage.
function configuration(best) {
  if (best.lineage.length < 2)
    return table(
      [{title: 'dimension', left: true}, {title: 'best value'}],
      best.point.map(([name, value]) => [name, valueText(isNaN(value) ? value : Number(value))]),
    );
  const names = report.dimensions.map((dimension) => dimension.name);
  const rows = best.lineage.map((stage) => [
    String(stage.trial),
    `${stage.from_epoch + 1} to ${stage.to_epoch}`,
    ...names.map((name) => {
      const value = stage.point.find(([key]) => key === name)?.[1];
      return value === undefined ? '–' : valueText(isNaN(value) ? value : Number(value));
    }),
  ]);
  return table([{title: 'trial'}, {title: 'epochs'}, ...names.map((name) => ({title: shortName(name)}))], rows);
}

// A link that saves the recorded config.
function configDownload() {
  const name = sweep.results.slice(sweep.results.lastIndexOf('/') + 1).replace(/\.h5$/, '') + '.ini';
  const link = element(
    'a',
    {
      href: '#',
      download: name,
      onclick: () => {
        link.href = URL.createObjectURL(new Blob([report.record.config], {type: 'text/plain'}));
      },
    },
    name,
  );
  return link;
}

function again(best) {
  if (isCommand)
    return element(
      'div',
      {class: 'wide'},
      element('h3', {}, 'The command'),
      element('pre', {class: 'command'}, sweep.command),
    );
  return element(
    'div',
    {class: 'wide'},
    element('h3', {}, 'Train it again, to the same bits'),
    element('pre', {class: 'command'}, best.command),
    element(
      'p',
      {class: 'soft'},
      'Save ',
      configDownload(),
      ': the config of the sweep, as the results file records it. DATASET.h5 is the data set.',
    ),
  );
}

function outlookFact() {
  const {kind, sentence} = sweep.outlook;
  const tone = kind === 'levelled off' ? 'good' : kind === 'improving' ? 'look' : 'soft';
  return element(
    'li',
    {class: 'outlook'},
    element('span', {class: tone}, kind === 'unknown' ? '' : `Search: ${kind}. `),
    sentence,
  );
}

function answer() {
  const {best} = sweep;
  if (!best) {
    const where = report.failures.length ? ' See what failed below.' : '';
    return element(
      'div',
      {class: 'answer', id: 'answer'},
      element('p', {class: 'wide'}, `${sweep.why_no_best}.${where}`),
    );
  }
  const title = report.front ? `Best ${sweep.metric}` : sweep.is_sealed ? 'Best trial' : 'Best trial so far';
  const front =
    report.front &&
    element(
      'li',
      {},
      `One of ${counted(report.front.places.length, 'trial')} that no other beats in all of ` +
        `${[sweep.metric, ...sweep.further.map((metric) => metric.name)].join(', ')}: see the Pareto front below.`,
    );
  return element(
    'div',
    {class: 'answer', id: 'answer'},
    element(
      'div',
      {},
      element('div', {class: 'soft'}, `${title}: trial ${best.trial}, after its epoch ${best.best_epoch}`),
      element('div', {class: 'score', id: 'best-value'}, fourDigits(best.value)),
      element('div', {class: 'soft'}, `${sweep.metric}, to be ${sweep.goal}d`),
      element('ul', {class: 'facts'}, front, floorFact(best), testFact(best), spreadFact(best), outlookFact()),
    ),
    element('div', {}, configuration(best), element('div', {style: 'height:14px'}), scoreTable(best)),
    again(best),
  );
}
