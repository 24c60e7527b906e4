// SPDX-License-Identifier: Apache-2.0
// Best so far against trials, epochs and node-hours: was the work worth it, and would more be?

function progressSection() {
  const {best, best_by_time: byTime, results, end} = report.progress;
  if (!best.length) return null;
  const hours = end[3];
  const unit = nodeUnit(hours);
  const axes = {
    trials: {place: 1, name: 'trials with a result', factor: 1},
    epochs: {place: 2, name: 'epochs trained, all trials', factor: 1},
    ...(hours ? {nodes: {place: 3, name: `${unit.name}, idle ones among them`, factor: unit.factor}} : {}),
  };
  const buttons = choice(
    'progress axis',
    'against',
    Object.keys(axes).map((key) => [key, key === 'nodes' ? unit.name : key]),
    () => plot.redraw(),
  );
  const steps = () => (buttons.chosen() === 'nodes' ? byTime : best);
  const at = (row) => row[axes[buttons.chosen()].place] * axes[buttons.chosen()].factor;
  const dot = (row) => [at(row), row[4], row[0]];

  const plot = figure({
    id: 'progress-plot',
    height: 340,
    many: results.length > 1500,
    caption: () => {
      const first = steps()[0],
        last = steps().at(-1);
      const unit = axes[buttons.chosen()].name.split(',')[0];
      return (
        `Best ${sweep.metric} so far (line) and each result (dots): from ${fourDigits(first[4])} to ` +
        `${fourDigits(last[4])}, last bettered by trial ${last[0]} at ${twoDigits(at(last))} of ` +
        `${twoDigits(at(end))} ${unit}.`
      );
    },
    option: () => ({
      grid: grid(),
      tooltip: tooltip((hit) => [
        `trial ${hit.data[2]}`,
        `${sweep.metric} ${fourDigits(hit.data[1])}`,
        `${axes[buttons.chosen()].name}: ${valueText(hit.data[0])}`,
      ]),
      xAxis: axis(axes[buttons.chosen()].name, {
        min: 0,
        max: at(end) || 1,
        minInterval: buttons.chosen() === 'nodes' ? 0 : 1,
        axisLabel: {formatter: axisNumber},
      }),
      yAxis: axis(sweep.metric, {
        nameGap: 46,
        ...valueScale(
          results.map((row) => row[4]),
          [sweep.floor, steps().at(-1)[4]],
        ),
      }),
      series: [
        {
          type: 'scatter',
          progressive: 0,
          symbolSize: 6,
          itemStyle: {color: colours.grey, opacity: 0.7},
          data: results.map(dot),
        },
        {
          type: 'line',
          step: 'end',
          symbolSize: 6,
          itemStyle: {color: colours.blue},
          lineStyle: {width: 2.5},
          data: [...steps().map(dot), {value: [at(end), steps().at(-1)[4], steps().at(-1)[0]], symbol: 'none'}],
          markLine: floorLine(sweep.floor),
        },
      ],
    }),
    columns: () => [
      {title: 'trial'},
      {title: 'trials by then'},
      {title: 'epochs by then'},
      {title: `${unit.name} by then`},
      {title: sweep.metric},
    ],
    rows: () =>
      steps().map(([trial, trials, epochs, node, value]) =>
        [trial, trials, epochs, fourDigits(node * unit.factor), fourDigits(value)].map(String),
      ),
  });
  return section('progress', 'Progress of the search', element('p', {}, sweep.outlook.sentence), buttons, plot);
}
