// SPDX-License-Identifier: Apache-2.0
// Parallel coordinates: a line for each trial through its point to its value. Drag along an axis to brush: the table of
// trials then has those alone.

const missing = '–'; // where a condition does not hold
const mostLines = 1200; // more are a grey mass: the best ones, and some of the others

const parallelLabel = {color: colours.dark, backgroundColor: 'rgba(255,255,255,0.8)', padding: [1, 3], borderRadius: 3};

function parallelAxis(d, dim) {
  const {name, scale} = report.dimensions[d];
  const title = {
    name: shortName(name),
    nameTextStyle: {color: colours.dark, fontSize: 13},
    dim,
    axisLabel: parallelLabel,
  };
  if (scale.kind === 'choice') {
    const choices = trials.point[d].includes(null) ? [...scale.choices, missing] : scale.choices;
    return {...title, type: 'category', data: choices};
  }
  const values = trials.point[d].filter(isNumber);
  return {
    ...title,
    type: scale.kind === 'log' ? 'log' : 'value',
    min: scale.low ?? Math.min(...values),
    max: scale.high ?? Math.max(...values),
    minInterval: scale.is_whole ? 1 : undefined,
    axisLabel: {...parallelLabel, formatter: axisNumber},
  };
}

function parallelSection() {
  const all = [...trials.number.keys()].filter((place) => isNumber(trials.value[place]));
  const every = Math.ceil((all.length - mostLines / 2) / (mostLines / 2));
  const places = all.filter((_, i) => i < mostLines / 2 || i % every === 0).reverse(); // the best on top
  const varied = report.dimensions.map((_, d) => d).filter((d) => new Set(trials.point[d]).size > 1);
  if (all.length < 2 || !varied.length) return null;
  const share = (d) => report.importance?.dimensions[d].share ?? 0;
  const order = varied.sort((a, b) => share(a) - share(b)); // what matters most stands beside the value
  const values = places.map((place) => trials.value[place]);
  const cell = (d, place) => trials.point[d][place] ?? (report.dimensions[d].scale.kind === 'choice' ? missing : '-');

  const plot = figure({
    id: 'parallel-plot',
    minWidth: 90 * (order.length + 1),
    height: 420,
    many: true,
    caption: () =>
      `${counted(all.length, 'trial')} with a value` +
      (places.length < all.length ? `, of which ${places.length.toLocaleString('en')} are drawn` : '') +
      '; dark lines are good, pale ones bad. Drag along an axis to brush, click on it to undo: the table ' +
      'of trials follows.',
    option: () => ({
      parallel: {
        left: 50,
        right: 70,
        top: 40,
        bottom: 20,
        parallelAxisDefault: {
          nameLocation: 'end',
          nameGap: 14,
          nameTruncate: {maxWidth: 130},
          areaSelectStyle: {width: 22, opacity: 0.35, color: colours.orange, borderColor: colours.orange},
          axisLine: {lineStyle: {color: '#5b6470'}},
          z: 20,
        },
      },
      parallelAxis: [
        ...order.map(parallelAxis),
        {
          dim: order.length,
          name: sweep.metric,
          nameTextStyle: {color: colours.dark, fontSize: 13, fontWeight: 'bold'},
          inverse: sweep.goal === 'minimize',
          nameLocation: sweep.goal === 'minimize' ? 'start' : 'end',
          ...omit(valueScale(values, [trials.value[0]]), 'axisLabel'),
          axisLabel: {...parallelLabel, formatter: axisNumber, showMinLabel: true, showMaxLabel: true},
        },
      ],
      series: [
        {
          type: 'parallel',
          progressive: 0,
          lineStyle: {width: places.length > 500 ? 1 : 1.6, opacity: places.length > 500 ? 0.3 : 0.6},
          inactiveOpacity: 0.03,
          activeOpacity: 0.9,
          data: places.map((place) => ({
            value: [...order.map((d) => cell(d, place)), trials.value[place]],
            lineStyle: {color: rankColour(rankShare(place))},
          })),
        },
      ],
    }),
    columns: () => [
      {title: 'trial'},
      ...order.map((d) => ({title: shortName(report.dimensions[d].name)})),
      {title: sweep.metric},
    ],
    rows: () =>
      [...places]
        .reverse()
        .slice(0, 100)
        .map((place) => [
          String(trials.number[place]),
          ...order.map((d) => valueText(trials.point[d][place])),
          fourDigits(trials.value[place]),
        ]),
  });
  plot.drawn = (chart) => {
    const axes = () => chart.getModel().queryComponents({mainType: 'parallelAxis'});
    const number = (d, place) => {
      // as the axis counts
      if (d === undefined) return trials.value[place];
      const choice = report.dimensions[d].scale.choices?.indexOf(trials.point[d][place]) ?? null;
      return choice === null
        ? (trials.point[d][place] ?? NaN)
        : choice < 0
          ? report.dimensions[d].scale.choices.length
          : choice;
    };
    chart.on('axisareaselected', () => {
      const brushed = axes()
        .map((axis, i) => [axis, order[i]])
        .filter(([axis]) => axis.activeIntervals.length);
      const isInside = (place) => brushed.every(([axis, d]) => axis.getActiveState(number(d, place)) === 'active');
      events.tell('brushed', brushed.length ? all.filter(isInside) : null);
    });
    events.on('clear brush', () => {
      for (const axis of axes()) chart.dispatchAction({type: 'axisAreaSelect', parallelAxisId: axis.id, intervals: []});
      events.tell('brushed', null);
    });
  };
  return section('parallel', 'Where good trials lie', plot);
}
