// SPDX-License-Identifier: Apache-2.0
// The page, top to bottom.

function main() {
  const page = document.getElementById('page');
  selected = choices.get('trial', sweep.best?.trial ?? null);
  const sections = [
    progressSection,
    trialsSection,
    frontSection,
    curvesSection,
    importanceSection,
    parallelSection,
    rungsSection,
    gradientsSection,
    timeSection,
    failuresSection,
    recordSection,
  ]
    .map((make) => make())
    .filter(Boolean);
  page.replaceChildren(heading());
  if (!hasPlots)
    page.append(
      element(
        'p',
        {class: 'notice'},
        `This page has tables instead of plots: seqsweep was built without its plot library. ${report.no_plots}.`,
      ),
    );
  page.append(
    element(
      'nav',
      {'aria-label': 'sections'},
      ...sections.map((one) => element('a', {href: `#${one.id}`}, one.querySelector('h2').textContent)),
    ),
    answer(),
    ...sections,
  );
  for (const one of sections) one.draw();
  if (sweep.reload_s) setTimeout(() => location.reload(), 1000 * sweep.reload_s);
}

main();
