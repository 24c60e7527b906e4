// SPDX-License-Identifier: Apache-2.0
// Learning curves with the gap between training and validation: does a trial underfit, overfit, or need more epochs?

const curveOf = (trial) => report.curves.find((curve) => curve.trial === trial);
const bestEpochOf = (trial) => trials.best_epoch[trials.number.indexOf(trial)];

function verdictCounts() {
  const judged = trials.verdict.slice(0, 20).filter(Boolean);
  const counts = {};
  for (const verdict of judged) counts[verdict] = (counts[verdict] ?? 0) + 1;
  const words = Object.entries(counts)
    .sort((a, b) => b[1] - a[1])
    .map(([verdict, number]) => `${number} ${verdict}`);
  return judged.length === 1 ? `The only trial: ${judged[0]}.` : `Of the ${judged.length} best: ${words.join(', ')}.`;
}

// The area between the two curves of a trial.
function gapArea(curve) {
  const ends = curve.epochs
    .map((epoch, i) => [epoch, curve.train[i], curve.validation[i]])
    .filter(([, train, validation]) => isNumber(train) && isNumber(validation));
  return {
    type: 'custom',
    silent: true,
    z: 1,
    data: [[0, 0]],
    clip: true,
    renderItem: (_, place) => ({
      type: 'polygon',
      style: {fill: colours.orange, opacity: 0.16},
      shape: {
        points: [
          ...ends.map(([epoch, train]) => place.coord([epoch, train])),
          ...ends.map(([epoch, , validation]) => place.coord([epoch, validation])).reverse(),
        ],
      },
    }),
  };
}

function curvesSection() {
  const several = report.curves.filter((curve) => curve.epochs.length > 1);
  if (!several.length) return null;
  const value = isCommand ? sweep.metric : 'loss';
  const floor = isCommand ? sweep.floor : sweep.loss_floor;
  const goal = isCommand ? sweep.goal : 'minimize';
  let trial = curveOf(selected)?.trial ?? several[0].trial;
  const chosen = list(
    'trial',
    report.curves.map((curve) => [curve.trial, `${curve.trial}: ${curve.sentence}`]),
    trial,
    select,
  );
  const others = several.slice(0, 40);
  const lines = (curve) => curve.epochs.map((epoch, i) => [epoch, curve.validation[i], curve.trial]);

  const plot = figure({
    id: 'curves-plot',
    height: 360,
    caption: () => {
      const curve = curveOf(trial),
        best = curve.epochs.indexOf(bestEpochOf(trial));
      const gap =
        curve.train.length && best >= 0
          ? ` At its best epoch ${curve.epochs[best]} the validation loss is ` +
            `${fourDigits(curve.validation[best])}, the training loss (mean of the epoch, dropout on) ` +
            `${fourDigits(curve.train[best])}: a gap of ${fourDigits(curve.validation[best] - curve.train[best])}.`
          : '';
      const score = isCommand ? value : 'validation loss';
      const grey = others.length > 1 ? ` In grey: ${score} of the ${others.length} best trials.` : '';
      return `Trial ${trial}: ${curve.sentence}.${gap}${grey}`;
    },
    option: () => {
      const curve = curveOf(trial);
      const train = curve.epochs.map((epoch, i) => [epoch, curve.train[i], trial]);
      const values = [...others, curve].flatMap((one) => [...one.validation, ...(one === curve ? one.train : [])]);
      const single = curve.epochs.length === 1;
      return {
        grid: grid({top: 34, right: 44}), // for the word at the best epoch
        legend: {
          top: 0,
          right: 0,
          data: curve.train.length ? ['validation', 'training', 'other trials'] : ['validation', 'other trials'],
          formatter: (name) => (isCommand && name === 'validation' ? value : name),
        },
        tooltip: tooltip((hit) => [
          `trial ${hit.data[2]}, ${hit.seriesName === 'validation' && isCommand ? value : hit.seriesName}`,
          `epoch ${hit.data[0]}`,
          `${value} ${fourDigits(hit.data[1])}`,
        ]),
        xAxis: axis('epoch', {
          minInterval: 1,
          min: 0,
          max: Math.max(...[...others, curve].map((one) => one.epochs.at(-1))),
        }),
        yAxis: axis(value, {nameGap: 46, ...valueScale(values, [floor, ...curve.validation], goal)}),
        series: [
          ...others
            .filter((one) => one !== curve)
            .map((one) => ({
              name: 'other trials',
              type: 'line',
              showSymbol: false,
              data: lines(one),
              triggerLineEvent: true,
              itemStyle: {color: colours.grey},
              lineStyle: {width: 1, opacity: 0.45, color: colours.grey},
            })),
          ...(curve.train.length
            ? [
                gapArea(curve),
                {
                  name: 'training',
                  type: 'line',
                  symbolSize: 5,
                  data: train,
                  showSymbol: single,
                  itemStyle: {color: colours.orange},
                  lineStyle: {width: 2.5, type: 'dashed'},
                },
              ]
            : []),
          {
            name: 'validation',
            type: 'line',
            symbolSize: 6,
            data: lines(curve),
            itemStyle: {color: colours.blue},
            lineStyle: {width: 3},
            markLine: floorLine(floor),
            markPoint: bestMark(curve),
          },
        ],
      };
    },
    columns: () => [
      {title: 'epoch'},
      ...(isCommand ? [] : [{title: 'training loss'}]),
      {title: isCommand ? value : 'validation loss'},
    ],
    rows: () => {
      const curve = curveOf(trial);
      return curve.epochs.map((epoch, i) => [
        String(epoch),
        ...(isCommand ? [] : [fourDigits(curve.train[i])]),
        fourDigits(curve.validation[i]),
      ]);
    },
  });
  events.on('selected', (number) => {
    if (!curveOf(number)) return;
    trial = number;
    chosen.choose(number);
    plot.redraw();
  });
  plot.drawn = (chart) =>
    chart.on('click', (hit) => {
      if (hit.seriesName === 'other trials') select(hit.data?.[2] ?? others[hit.seriesIndex]?.trial);
    });
  return section('curves', 'Learning curves', element('p', {}, verdictCounts()), chosen, plot);
}

function bestMark(curve) {
  const best = curve.epochs.indexOf(bestEpochOf(curve.trial));
  return best < 0
    ? undefined
    : {
        silent: true,
        symbol: 'circle',
        symbolSize: 11,
        itemStyle: {color: colours.blue},
        label: {
          show: true,
          position: 'right',
          distance: 8,
          color: colours.blue,
          fontWeight: 'bold',
          textBorderColor: '#fff',
          textBorderWidth: 3,
          formatter: 'best',
        },
        data: [{coord: [curve.epochs[best], curve.validation[best]]}],
      };
}
