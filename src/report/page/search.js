// SPDX-License-Identifier: Apache-2.0
// What the scheduler did at its rungs, and the Pareto front of several objectives.

const fates = [
  ['went_on', 'went on', colours.blue],
  ['completed', 'complete', colours.green],
  ['waiting', 'paused or waiting', colours.grey],
  ['stopped', 'stopped', colours.orange],
  ['lost', 'diverged or failed', colours.vermillion],
];

function winnersWay() {
  const places = report.rungs
    .filter((rung) => rung.place_of_winner !== null)
    .map((rung) => `${ordinal(rung.place_of_winner)} of ${rung.measured} at epoch ${rung.epoch}`);
  return places.length
    ? `The best trial was ${places.join(', ')}. ` +
        'Had it been near the last to go on, a longer search.grace_period would be safer.'
    : 'No trial has a value to be compared by.';
}

function rungsSection() {
  const {rungs} = report;
  if (!rungs.length) return null;
  const name = (rung) => (rung.group ? `${rung.group}, ` : '') + `epoch ${rung.epoch}`;
  const shown = fates.filter(([key]) => rungs.some((rung) => rung[key] > 0));
  const plot = figure({
    id: 'rungs-plot',
    height: 90 + 34 * rungs.length,
    caption: winnersWay,
    option: () => ({
      grid: grid({top: 34}),
      legend: {top: 0, left: 0, type: 'scroll'},
      tooltip: tooltip((hit) => [name(rungs[rungs.length - 1 - hit.dataIndex]), `${hit.seriesName}: ${hit.data}`]),
      xAxis: axis('trials measured at the rung', {min: 0, scale: false, minInterval: 1}),
      yAxis: {
        type: 'category',
        data: rungs.map(name).reverse(),
        axisTick: {show: false},
        axisLabel: {color: colours.dark},
      },
      series: shown.map(([key, label, color]) => ({
        name: label,
        type: 'bar',
        stack: 'rung',
        barMaxWidth: 22,
        itemStyle: {color, borderColor: '#fff', borderWidth: 1},
        label: {
          show: true,
          color: key === 'stopped' || key === 'waiting' ? colours.dark : '#fff',
          formatter: (hit) => (hit.data > 0 ? hit.data : ''),
        },
        data: rungs.map((rung) => rung[key]).reverse(),
      })),
    }),
    columns: () => [
      {title: 'rung', left: true},
      {title: 'measured'},
      ...shown.map(([, label]) => ({title: label})),
      {title: `worst ${sweep.metric} that went on`},
      {title: 'best left behind'},
    ],
    rows: () =>
      rungs.map((rung) => [
        name(rung),
        ...[rung.measured, ...shown.map(([key]) => rung[key])].map(String),
        fourDigits(rung.worst_gone_on),
        fourDigits(rung.best_left),
      ]),
  });
  return section(
    'rungs',
    'Rungs of the scheduler',
    element(
      'p',
      {},
      'Who went on to more epochs, and who was left behind. ',
      element('code', {}, `seqsweep explain ${sweep.results} TRIAL`),
      ' tells it for one trial.',
    ),
    plot,
  );
}

function frontSection() {
  const {front} = report;
  if (!front || !front.places.length) return null;
  const metrics = [
    {name: sweep.metric, goal: sweep.goal, values: trials.value},
    ...sweep.further.map((metric, m) => ({...metric, values: trials.further[m]})),
  ];
  const pairs = metrics.flatMap((_, a) => metrics.slice(a + 1).map((__, b) => [a, a + 1 + b]));
  let [across, up] = [pairs[0][1], pairs[0][0]];
  const places = placesToDraw();
  const isOnFront = new Set(front.places);
  const row = (place) => [metrics[across].values[place], metrics[up].values[place], place];
  const scale = (metric) =>
    valueScale(
      places.map((place) => metric.values[place]),
      front.places.map((place) => metric.values[place]),
      metric.goal,
    );
  const plot = figure({
    id: 'front-plot',
    height: 400,
    many: places.length > 800,
    caption: () =>
      `${counted(front.places.length, 'trial')} (blue) that no other trial beats in all of ` +
      `${metrics.map((metric) => metric.name).join(', ')}.` +
      (isNumber(front.share)
        ? ` They dominate ${percent(front.share)} of the box between the best and the worst values found.`
        : ''),
    option: () => ({
      grid: grid(),
      tooltip: tooltip((hit) => [
        ...metrics.map((metric) => `${metric.name} ${valueText(metric.values[hit.data[2]])}`),
        ...trialTooltip(hit.data[2]),
      ]),
      xAxis: axis(`${metrics[across].name} (${metrics[across].goal})`, scale(metrics[across])),
      yAxis: axis(`${metrics[up].name} (${metrics[up].goal})`, {nameGap: 48, ...scale(metrics[up])}),
      series: [
        {
          type: 'scatter',
          symbolSize: 6,
          itemStyle: {color: colours.grey, opacity: 0.6},
          data: places.filter((place) => !isOnFront.has(place)).map(row),
        },
        {
          type: 'line',
          step: metrics.length > 2 ? false : metrics[across].goal === 'minimize' ? 'end' : 'start',
          symbolSize: 10,
          itemStyle: {color: colours.blue},
          lineStyle: {width: metrics.length > 2 ? 0 : 2},
          data: front.places.map(row).sort((a, b) => a[0] - b[0]),
        },
      ],
    }),
    columns: () => [
      {title: 'trial'},
      ...metrics.map((metric) => ({title: metric.name})),
      ...report.dimensions.map((dimension) => ({title: shortName(dimension.name)})),
    ],
    rows: () =>
      front.places.map((place) =>
        [
          trials.number[place],
          ...metrics.map((metric) => valueText(metric.values[place])),
          ...report.dimensions.map((_, d) => valueText(trials.point[d][place])),
        ].map(String),
      ),
  });
  const chooser =
    pairs.length < 2
      ? null
      : list(
          'axes',
          pairs.map(([a, b]) => [[a, b], `${metrics[a].name} against ${metrics[b].name}`]),
          pairs[0],
          ([a, b]) => {
            [across, up] = [b, a];
            plot.redraw();
          },
        );
  plot.drawn = (chart) => chart.on('click', (hit) => select(trials.number[hit.data[2]]));
  return section('front', 'Pareto front', chooser, plot);
}
