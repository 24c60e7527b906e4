// SPDX-License-Identifier: Apache-2.0
// What failed, and what it all was made from.

function failuresSection() {
  if (!report.failures.length) return null;
  const some = (numbers) => numbers.slice(0, 12).join(', ') + (numbers.length > 12 ? ' …' : '');
  return section(
    'failures',
    'Trials that diverged or failed',
    table(
      [
        {title: 'trials'},
        {title: 'state', left: true},
        {title: 'message', left: true, wrap: true},
        {title: 'which', left: true, wrap: true},
      ],
      report.failures.map((failure) => [
        String(failure.trials.length),
        failure.state,
        failure.message || '(no message)',
        some(failure.trials),
      ]),
      {id: 'failures-table'},
    ),
  );
}

function recordSection() {
  const {
    definition,
    program_version: version,
    git_revision: revision,
    instruction_set: isa,
    fingerprint,
    dataset,
    dataset_provenance: provenance,
    dataset_description: contents,
  } = report.record;
  const searched = new Set(report.dimensions.map((dimension) => dimension.name));
  const entries = Object.entries(definition);
  const row = ([key, value]) => [key, value];
  const dataset_words = isCommand
    ? null
    : element(
        'div',
        {},
        element('h3', {}, 'Data set'),
        element(
          'p',
          {},
          `${dataset}, fingerprint ${fingerprint}`,
          provenance ? ', made by ' : '',
          provenance ? element('code', {}, provenance) : '',
          '.',
        ),
        element(
          'details',
          {},
          element('summary', {}, 'What it holds'),
          element('div', {class: 'scroll'}, element('pre', {style: 'white-space:pre'}, contents)),
        ),
      );
  return section(
    'record',
    'What it was made from',
    element(
      'p',
      {},
      `seqsweep ${version} (${revision}, ${isa}). The same definition gives the same results, bit for bit, on any ` +
        'number of ranks. As a config: ',
      configDownload(),
      '.',
    ),
    searched.size
      ? table(
          [
            {title: 'searched', left: true},
            {title: 'over', left: true, wrap: true},
          ],
          report.dimensions.map(({name, text, condition}) => [name, `${text} ${condition}`]),
        )
      : element('p', {}, 'Nothing is searched: every key is a constant.'),
    element(
      'details',
      {},
      element('summary', {}, 'All constants'),
      table(
        [
          {title: 'key', left: true},
          {title: 'value', left: true, wrap: true},
        ],
        entries.filter(([key]) => !searched.has(key)).map(row),
      ),
    ),
    dataset_words,
  );
}
