// SPDX-License-Identifier: Apache-2.0
// What matters: shares of the variance, slices along the dimensions, and the strongest pair in two dimensions.

const bestShare = 0.1; // of the trials: dark in slices, as far as seqsweep importance counts them as the best
const mostDots = 3000;

// Places of the trials with a value, best first, thinned where there are very many: never the best ones.
function placesToDraw() {
  const usable = [...trials.number.keys()].filter((place) => isNumber(trials.value[place]));
  const kept = Math.min(usable.length, 1000);
  const every = Math.ceil((usable.length - kept) / (mostDots - 1000)) || 1;
  return usable.filter((_, i) => i < kept || i % every === 0);
}

const numUsable = trials.value.filter(isNumber).length;
const rankShare = (place) => place / Math.max(1, numUsable - 1);
const isAmongBest = (place) => place < Math.ceil(bestShare * numUsable);

// The axis of a dimension.
function dimensionAxis(d, more = {}) {
  const {name, scale} = report.dimensions[d];
  if (scale.kind === 'choice')
    return axis(shortName(name), {type: 'category', data: scale.choices, jitter: 26, jitterOverlap: true, ...more});
  const values = trials.point[d].filter(isNumber);
  const [low, high] = [scale.low ?? Math.min(...values), scale.high ?? Math.max(...values)];
  if (scale.kind === 'log')
    return axis(shortName(name), {
      type: 'log',
      min: low,
      max: high,
      ...more,
      axisLabel: {formatter: axisNumber, showMinLabel: true, ...more.axisLabel},
    });
  return axis(shortName(name), {min: low, max: high, ...more, axisLabel: {formatter: axisNumber, ...more.axisLabel}});
}

const trialTooltip = (place) => [
  `trial ${trials.number[place]} (${trials.state[place]})`,
  `${sweep.metric} ${fourDigits(trials.value[place])}`,
  ...report.dimensions
    .map((dimension, d) => [shortName(dimension.name), trials.point[d][place]])
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${valueText(value)}`),
];

function sharesFigure(order) {
  const {dimensions, pairs} = report.importance;
  const bars = [
    ...order.map((d) => ({name: shortName(report.dimensions[d].name), ...dimensions[d], colour: colours.blue})),
    ...pairs
      .filter((pair) => pair.share >= 0.01)
      .slice(0, 3)
      .map((pair) => ({
        ...pair,
        colour: colours.sky,
        name: `${shortName(report.dimensions[pair.first].name)} × ${shortName(report.dimensions[pair.second].name)}`,
      })),
  ]
    .slice(0, 14)
    .reverse();
  return figure({
    id: 'importance-plot',
    height: 60 + 26 * bars.length,
    caption: () => {
      const {num_trials: number, is_enough: enough, predicted_share: predicted, epoch, rest} = report.importance;
      const top = order[0];
      return (
        `${shortName(report.dimensions[top].name)} explains ${percent(dimensions[top].share)} of the variance of ` +
        `${sweep.metric} among ${counted(number, 'trial')} after ${counted(epoch, 'epoch')}; three or more dimensions ` +
        `together ${percent(rest)}. ` +
        (predicted > 0
          ? `The forest behind this predicts ${percent(predicted)} of what it has not seen.`
          : 'The forest behind this predicts unseen trials no better than their mean: the shares are chance.') +
        (enough ? '' : ' From so few trials the shares are mostly chance.')
      );
    },
    option: () => ({
      grid: grid({top: 6, right: 90}),
      tooltip: tooltip((hit) => [
        bars[hit.dataIndex].name,
        `${percent(bars[hit.dataIndex].share)} ± ${percent(bars[hit.dataIndex].sd)} of the variance`,
      ]),
      xAxis: axis('share of the variance', {min: 0, scale: false, axisLabel: {formatter: percent}}),
      yAxis: {
        type: 'category',
        data: bars.map((bar) => bar.name),
        axisTick: {show: false},
        axisLabel: {color: colours.dark, width: isNarrow() ? 130 : 300, overflow: 'truncate'},
        axisLine: {lineStyle: {color: '#9aa3ad'}},
      },
      series: [
        {
          type: 'bar',
          barMaxWidth: 16,
          data: bars.map((bar) => ({value: bar.share, itemStyle: {color: bar.colour}})),
          label: {
            show: true,
            position: 'right',
            color: colours.dark,
            formatter: (hit) => `${percent(bars[hit.dataIndex].share)} ± ${percent(bars[hit.dataIndex].sd)}`,
          },
        },
      ],
    }),
    columns: () => [{title: 'dimension or pair', left: true}, {title: 'share'}, {title: '±'}],
    rows: () => [...bars].reverse().map((bar) => [bar.name, percent(bar.share), percent(bar.sd)]),
  });
}

function sliceFigure(d) {
  const places = placesToDraw().filter((place) => trials.point[d][place] !== null);
  const {name} = report.dimensions[d];
  const best = places.filter(isAmongBest).map((place) => trials.point[d][place]);
  const where = best.every((value) => typeof value === 'string')
    ? [...new Set(best)].map((value) => `${value} (${best.filter((one) => one === value).length})`).join(', ')
    : `${valueText(Math.min(...best))} to ${valueText(Math.max(...best))}`;
  return figure({
    id: `slice-${d}`,
    title: shortName(name),
    height: 240,
    many: places.length > 800,
    caption: () => (best.length ? `The best ${best.length} lie at ${where}.` : ''),
    option: () => ({
      grid: grid({top: 10}),
      tooltip: tooltip((hit) => trialTooltip(hit.data[2])),
      xAxis: dimensionAxis(d),
      yAxis: axis(sweep.metric, {
        nameGap: 44,
        ...valueScale(
          places.map((place) => trials.value[place]),
          [trials.value[0]],
        ),
      }),
      series: [false, true].map((isBest) => ({
        type: 'scatter',
        progressive: 0,
        symbolSize: isBest ? 8 : 5,
        itemStyle: {color: isBest ? colours.blue : colours.grey, opacity: isBest ? 0.9 : 0.6},
        data: places
          .filter((place) => isAmongBest(place) === isBest)
          .map((place) => [trials.point[d][place], trials.value[place], place]),
      })),
    }),
    columns: () => [{title: 'trial'}, {title: shortName(name)}, {title: sweep.metric}],
    rows: () =>
      places
        .slice(0, 100)
        .map((place) =>
          [trials.number[place], valueText(trials.point[d][place]), fourDigits(trials.value[place])].map(String),
        ),
  });
}

function pairFigure({first, second, share}) {
  const places = placesToDraw()
    .filter((place) => trials.point[first][place] !== null && trials.point[second][place] !== null)
    .reverse();
  const names = [first, second].map((d) => shortName(report.dimensions[d].name));
  return figure({
    id: 'pair-plot',
    title: `The strongest pair: ${names.join(' × ')}`,
    height: 400,
    many: places.length > 800,
    caption: () =>
      `Together they explain ${percent(share)} beyond what each does alone. Dark dots are good trials, pale ones bad; ` +
      'the large ones are the best tenth.',
    option: () => ({
      grid: grid(),
      tooltip: tooltip((hit) => trialTooltip(hit.data.value[2])),
      xAxis: dimensionAxis(first),
      yAxis: dimensionAxis(second, {nameGap: report.dimensions[second].scale.kind === 'choice' ? 60 : 44}),
      series: [
        {
          type: 'scatter',
          progressive: 0,
          symbolSize: (row) => (isAmongBest(row[2]) ? 13 : 7),
          data: places.map((place) => ({
            value: [trials.point[first][place], trials.point[second][place], place],
            itemStyle: {color: rankColour(rankShare(place))},
          })),
        },
      ],
    }),
    columns: () => [{title: 'trial'}, ...names.map((title) => ({title})), {title: sweep.metric}],
    rows: () =>
      [...places]
        .reverse()
        .slice(0, 100)
        .map((place) =>
          [
            trials.number[place],
            valueText(trials.point[first][place]),
            valueText(trials.point[second][place]),
            fourDigits(trials.value[place]),
          ].map(String),
        ),
  });
}

function importanceSection() {
  if (!report.importance) return null;
  const shares = report.importance.dimensions;
  const order = shares.map((_, d) => d).sort((a, b) => shares[b].share - shares[a].share);
  const pair = report.importance.pairs[0];
  return section(
    'importance',
    'What matters',
    sharesFigure(order),
    element(
      'p',
      {},
      `Below: the best ${sweep.metric} of each trial, however far it was trained; in blue the best tenth.`,
    ),
    element('div', {class: 'pair'}, ...order.slice(0, 4).map(sliceFigure)),
    pair ? pairFigure(pair) : null,
  );
}
