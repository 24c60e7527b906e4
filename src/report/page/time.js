// SPDX-License-Identifier: Apache-2.0
// Where the time went: the ledger of node-hours, and what each rank did when.

const idleColour = '#e3e7eb';
const useColours = [colours.green, colours.sky, colours.orange, colours.vermillion, colours.purple, colours.dark, idleColour];

function ledgerTable() {
  const {node_hours: uses, total} = report.ledger;
  const unit = nodeUnit(total);
  const amount = (hours) => (hours * unit.factor).toPrecision(3);
  const bar = (share, u) =>
    element('span', {class: 'bar', style: `width:${(100 * share).toFixed(2)}%;background:${useColours[u]}`});
  const rows = uses
    .map(([name, hours], u) => [name, hours, u])
    .filter(([, hours]) => hours > 0.0005 * total)
    .map(([name, hours, u]) => [
      name,
      amount(hours),
      percent(hours / total),
      element('div', {class: 'barcell'}, bar(hours / total, u)),
    ]);
  return table(
    [{title: 'used for', left: true}, {title: unit.name}, {title: 'share'}, {title: '', left: true}],
    [...rows, ['all', amount(total), '', '']],
    {id: 'ledger'},
  );
}

function barItem(row, place, bounds) {
  const from = place.coord([place.value(1), place.value(0)]),
    to = place.coord([place.value(2), place.value(0)]);
  const height = Math.max(1, place.size([0, 1])[1] * 0.8);
  const shape = echarts.graphic.clipRectByRect(
    {x: from[0], y: from[1] - height / 2, width: Math.max(0.7, to[0] - from[0]), height},
    bounds,
  );
  return shape && {type: 'rect', shape, style: {fill: useColours[row[3]]}};
}

function timeSection() {
  const {ledger} = report;
  if (!ledger) return null;
  const unit = timeUnit(ledger.end_s);
  const {bars, lanes, utilisation, sessions} = ledger;
  const at = (seconds) => seconds / unit.seconds;
  const rows = bars.map(([lane, from, to, use, trial]) => [lane, at(from), at(to), use, trial]);
  const step = at(ledger.end_s) / utilisation.length;
  const isOneHost = new Set(lanes.map(([host]) => host)).size < 2;
  const laneName = ([host, rank]) => (isOneHost ? `rank ${rank}` : `${host} ${rank}`);
  const laneHeight = Math.max(3, Math.min(26, 460 / lanes.length));
  const lanesHeight = lanes.length * laneHeight;
  const busy = utilisation.reduce((sum, share) => sum + share, 0) / utilisation.length;
  const seams = sessions.slice(1).map((session) => ({xAxis: at(session.from_s)}));
  const top = 12,
    middle = lanes.length ? top + lanesHeight + 26 : top;
  const plot = figure({
    id: 'time-plot',
    height: middle + 150,
    many: rows.length > 2000,
    caption: () =>
      `Ranks were at work ${percent(busy)} of the time.` +
      (sessions.length > 1
        ? ` ${counted(sessions.length, 'run')}, one after the other (dashed lines); the time between them is left out.`
        : '') +
      (lanes.length ? '' : ` ${counted(ledger.num_lanes, 'rank')} are too many for a line each.`),
    option: () => ({
      tooltip: tooltip((hit) =>
        hit.seriesType === 'custom'
          ? [
              `${laneName(lanes[hit.data[0]])}, trial ${hit.data[4]}`,
              ledger.node_hours[hit.data[3]][0],
              `${twoDigits(hit.data[2] - hit.data[1])} ${unit.name}`,
            ]
          : [`at ${twoDigits(hit.data[0])} ${unit.name}`, `${percent(hit.data[1])} of the ranks at work`],
      ),
      grid: [
        {left: 96, right: 18, top, height: lanesHeight},
        {left: 96, right: 18, top: middle, height: 90},
      ],
      xAxis: [
        axis('', {
          gridIndex: 0,
          min: 0,
          max: at(ledger.end_s),
          axisLabel: {show: false},
          show: lanes.length > 0,
          axisTick: {show: false},
        }),
        axis(`time at work [${unit.name}]`, {
          gridIndex: 1,
          min: 0,
          max: at(ledger.end_s),
          axisLabel: {formatter: twoDigits, showMaxLabel: false},
        }),
      ],
      yAxis: [
        {
          type: 'category',
          gridIndex: 0,
          inverse: true,
          data: lanes.map(laneName),
          show: lanes.length > 0 && lanes.length <= 40,
          axisTick: {show: false},
          axisLabel: {width: 84, overflow: 'truncate', color: '#5b6470'},
          axisLine: {show: false},
        },
        axis('utilisation', {
          gridIndex: 1,
          min: 0,
          max: 1,
          interval: 0.5,
          nameGap: 48,
          axisLabel: {formatter: percent},
        }),
      ],
      series: [
        {
          type: 'custom',
          xAxisIndex: 0,
          yAxisIndex: 0,
          data: rows,
          encode: {x: [1, 2], y: 0},
          clip: true,
          progressive: 4000,
          renderItem: (params, place) => barItem(rows[params.dataIndex], place, params.coordSys),
          markLine: seams.length
            ? {
                silent: true,
                symbol: 'none',
                label: {show: false},
                lineStyle: {type: 'dashed', color: colours.dark},
                data: seams,
              }
            : undefined,
        },
        {
          type: 'line',
          xAxisIndex: 1,
          yAxisIndex: 1,
          step: 'middle',
          showSymbol: false,
          areaStyle: {opacity: 0.25},
          lineStyle: {width: 1.5},
          itemStyle: {color: colours.blue},
          data: utilisation.map((share, b) => [(b + 0.5) * step, share]),
        },
      ],
    }),
    columns: () => [{title: `time [${unit.name}]`}, {title: 'ranks at work'}],
    rows: () => {
      const group = 10; // bins
      const starts = utilisation.map((_, b) => b).filter((b) => b % group === 0);
      return starts.map((b) => {
        const shares = utilisation.slice(b, b + group);
        return [fourDigits(b * step), percent(shares.reduce((sum, share) => sum + share, 0) / shares.length)];
      });
    },
  });
  const time = nodeUnit(ledger.total).name.slice('node-'.length, -1);
  return section(
    'time',
    'Where the time went',
    element(
      'p',
      {},
      `A node-${time} is one ${time} of one host, shared by the ranks that worked on it. `,
      'Moving: until the ranks of a team were ready, when a trial began or its team changed. ' +
        'Idle: ranks that had work at another time of the same run. Work that was killed counts as idle once the sweep ' +
        'goes on.',
    ),
    ledgerTable(),
    plot,
  );
}
