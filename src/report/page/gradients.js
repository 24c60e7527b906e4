// SPDX-License-Identifier: Apache-2.0
// Gradient flow: how much of the gradient at the loss arrives how far back in time, epoch by epoch.

// Vanishing below a thousandth, exploding above ten times: the limits of seqsweep's verdict are the ends of the scale.
const flowShade = (ratio) => (ratio > 0 ? Math.max(-1, Math.min(1, Math.log10(ratio) / (ratio < 1 ? 3 : 1))) : -1);
const flowColours = ['#08306b', '#4292c6', '#c6dbef', '#f7f7f7', '#fdd0a2', '#f16913', '#7f2704'];

function gradientsSection() {
  const flows = report.gradients.trials;
  if (!flows.length) return null;
  const entries = flows.flatMap((flow) =>
    flow.layers.map((layer) => ({
      ...layer,
      trial: flow.trial,
      verdict: flow.verdicts.find((verdict) => verdict.layer === layer.layer),
      at: flow.epoch,
    })),
  );
  const name = (entry) =>
    `trial ${entry.trial}` +
    (flows[0].layers.length > 1 ? `, layer ${entry.layer}` : '') +
    (entry.verdict ? `: ${entry.verdict.health}` : '');
  let shown = Math.max(
    0,
    entries.findIndex((entry) => entry.trial === selected),
  );
  const steps = ([from, to]) => (from === to ? `${from}` : `${from}–${to}`);
  const chooser = list(
    'of',
    entries.map((entry, i) => [i, name(entry)]),
    shown,
    (i) => {
      shown = i;
      plot.redraw();
    },
  );
  const plot = figure({
    id: 'gradients-plot',
    height: 340,
    caption: () => {
      const {trial, verdict, at} = entries[shown];
      const clipping =
        trial === sweep.best?.trial && report.gradients.steps ? ` In its training ${report.gradients.steps}.` : '';
      return `Trial ${trial} after epoch ${at}: ${verdict?.sentence ?? 'no verdict'}.${clipping}`;
    },
    option: () => {
      const {distances, epochs, cells} = entries[shown];
      return {
        grid: {left: 72, right: isNarrow() ? 14 : 140, top: 14, bottom: isNarrow() ? 84 : 48},
        tooltip: tooltip((hit) => [
          `epoch ${epochs[hit.data[0]]}, ${steps(distances[hit.data[1]])} steps back`,
          `${fourDigits(hit.data[3])} of the gradient at the loss`,
        ]),
        xAxis: axis('epoch', {type: 'category', data: epochs, scale: undefined, splitLine: {show: false}}),
        yAxis: axis('steps back from the loss', {
          type: 'category',
          data: distances.map(steps),
          nameGap: 54,
          splitLine: {show: false},
        }),
        visualMap: {
          min: -1,
          max: 1,
          dimension: 2,
          calculable: false,
          inRange: {color: flowColours},
          itemWidth: 12,
          text: ['exploding: 10 ×', 'vanishing: 0.001 ×'],
          ...(isNarrow()
            ? {orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 110}
            : {orient: 'vertical', right: 0, top: 'middle', itemHeight: 150}),
        },
        series: [
          {
            type: 'heatmap',
            itemStyle: {borderColor: '#fff', borderWidth: epochs.length > 30 ? 0 : 1},
            data: cells.map(([epoch, place, ratio]) => [epoch, place, flowShade(ratio), ratio]),
          },
        ],
      };
    },
    columns: () => [{title: 'steps back'}, ...entries[shown].epochs.map((epoch) => ({title: `epoch ${epoch}`}))],
    rows: () =>
      entries[shown].distances.map((distance, place) => [
        steps(distance),
        ...entries[shown].epochs.map((_, e) =>
          fourDigits(entries[shown].cells.find((cell) => cell[0] === e && cell[1] === place)?.[2]),
        ),
      ]),
  });
  events.on('selected', (trial) => {
    const found = entries.findIndex((entry) => entry.trial === trial);
    if (found < 0) return;
    shown = found;
    chooser.choose(found);
    plot.redraw();
  });
  return section(
    'gradients',
    'Gradient flow',
    element(
      'p',
      {},
      'Norm of the loss gradient with respect to the hidden state, relative to that at the loss itself. ' +
        'What vanishes on the way back, the network cannot learn from; what explodes makes it diverge.',
    ),
    chooser,
    plot,
  );
}
