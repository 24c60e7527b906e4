// SPDX-License-Identifier: Apache-2.0
// Opens the pages that page_test.py made: node page_test.mjs CHROMIUM FOLDER PICTURES. Exit code 1 where anything is
// wrong; a line for each thing that was checked.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {chromium} from 'playwright-core';

const [, , executablePath, folder, pictures] = process.argv;
const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json')));
const widths = [1400, 390];
const browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-gpu']});
let failures = 0;

async function check(what, body) {
  try {
    await body();
    console.log(`ok      ${what}`);
  } catch (error) {
    ++failures;
    console.log(`FAILED  ${what}\n        ${String(error.stack).replaceAll('\n', '\n        ')}`);
  }
}

// A tab that remembers all that a page must not do.
async function open(name, width) {
  const tab = await browser.newPage({viewport: {width, height: 900}});
  tab.complaints = [];
  tab.on('console', (message) => tab.complaints.push(`console: ${message.text()}`));
  tab.on('pageerror', (error) => tab.complaints.push(`error: ${error.stack}`));
  tab.on('request', (request) => {
    if (!request.isNavigationRequest()) tab.complaints.push(`request: ${request.url().slice(0, 100)}`);
  });
  tab.on('dialog', (dialog) => {
    tab.complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const begun = Date.now();
  await tab.goto(`file://${path.join(folder, name)}.html`, {waitUntil: 'load'});
  tab.opened_ms = Date.now() - begun;
  return tab;
}

const texts = (tab, selector) => tab.locator(selector).allTextContents();
const headings = async (tab) => (await texts(tab, '.trials th')).map((text) => text.trim());

async function column(tab, title) {
  const place = (await headings(tab)).indexOf(title) + 1;
  assert(place > 0, `no column ${title}`);
  return texts(tab, `.trials tbody td:nth-child(${place})`);
}

// Where a plot has a point, in pixels of the window.
async function pixelOf(tab, plot, finder, value) {
  await tab.locator(`#${plot}`).scrollIntoViewIfNeeded();
  const [x, y] = await tab.evaluate(
    ([id, seek, point]) => {
      const place = document.querySelector(`[data-plot="${id}"]`);
      const box = place.getBoundingClientRect();
      const at = echarts.getInstanceByDom(place).convertToPixel(seek, point);
      return [box.x + at[0], box.y + at[1]];
    },
    [plot, finder, value],
  );
  return {x, y};
}

for (const name of ['real', 'tables', 'hostile', 'empty', 'one', 'failed', 'large'])
  for (const width of widths)
    await check(`${name} at ${width} pixels: no complaint, no request, nothing wider than the window`, async () => {
      const tab = await open(name, width);
      await tab.screenshot({path: path.join(pictures, `${name}-${width}.png`), fullPage: true});
      const excess = await tab.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.deepEqual(tab.complaints, []);
      assert(excess <= 0, `${excess} pixels too wide`);
      assert((await tab.locator('#page').textContent()).length > 100);
      await tab.close();
    });

const tab = await open('real', 1400);

await check('the answer: best value, floor and seed spread are those of the file', async () => {
  const answer = await tab.locator('#answer').textContent();
  assert.equal(await tab.locator('#best-value').textContent(), expected.best.value);
  assert.match(answer, new RegExp(`trial ${expected.best.trial},`));
  assert(answer.includes(expected.floor), expected.floor);
  assert(answer.includes(expected.replicate_mean), expected.replicate_mean);
  assert(answer.includes(`--trial results.h5:${expected.best.trial}`));
});

await check('the table has every trial, best first', async () => {
  assert.deepEqual(await column(tab, 'val_loss'), expected.values);
});

await check('a click on a heading sorts, another one turns it round', async () => {
  const head = tab.locator('.trials th button', {hasText: 'learning_rate'});
  await head.click();
  assert.deepEqual(await column(tab, 'learning_rate'), expected.rates);
  await head.click();
  assert.deepEqual(await column(tab, 'learning_rate'), [...expected.rates].reverse());
  assert.equal(await tab.locator('.trials th[aria-sort=descending]').count(), 1);
});

await check('brushing the values leaves the trials within, and all come back', async () => {
  await tab.locator('.trials th button', {hasText: 'val_loss'}).click();
  await tab.locator('#parallel-plot').scrollIntoViewIfNeeded();
  const axis = await tab.evaluate(() => {
    const place = document.querySelector('[data-plot="parallel-plot"]');
    const box = place.getBoundingClientRect();
    const one = echarts.getInstanceByDom(place).getModel().queryComponents({mainType: 'parallelAxis'}).at(-1).axis;
    const layout = one.model.coordinateSystem.getAxisLayout(one.dim);
    return {
      x: box.x + layout.position[0],
      top: box.y + layout.position[1] - one.getExtent()[1],
      length: Math.abs(one.getExtent()[1] - one.getExtent()[0]),
    };
  });
  const top = await tab.evaluate(
    () => document.querySelector('[data-plot="parallel-plot"]').getBoundingClientRect().y + 40,
  );
  await tab.mouse.move(axis.x, top + 1);
  await tab.mouse.down();
  await tab.mouse.move(axis.x, top + axis.length / 4, {steps: 4});
  await tab.mouse.move(axis.x, top + axis.length / 2, {steps: 4});
  await tab.mouse.up();
  const kept = await column(tab, 'val_loss');
  assert(kept.length > 0 && kept.length < expected.values.length, `${kept.length} trials`);
  assert.deepEqual(kept, expected.values.slice(0, kept.length)); // the best: the axis has them at its top
  assert.match(
    await tab.locator('#trials-note').textContent(),
    new RegExp(`^${kept.length} of ${expected.values.length} trials`),
  );
  await tab.getByText('show all trials').click();
  assert.equal((await column(tab, 'val_loss')).length, expected.values.length);
});

await check('the numbers of the learning curve are those of the file, and hovering tells them', async () => {
  await tab.locator('.trials tbody tr').first().click(); // the best
  await tab.locator('#curves-plot summary').click();
  await tab.locator('#curves-plot tbody tr').nth(expected.curve.length - 1).waitFor();
  const rows = await tab.locator('#curves-plot tbody tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('td').allTextContents()));
  assert.deepEqual(cells, expected.curve);
  const [epoch, , loss] = expected.curve.at(-1);
  const at = await pixelOf(tab, 'curves-plot', {xAxisIndex: 0, yAxisIndex: 0}, [Number(epoch), Number(loss)]);
  await tab.mouse.move(at.x - 3, at.y - 3);
  await tab.mouse.move(at.x, at.y, {steps: 3});
  await tab.waitForFunction(
    (text) => document.querySelector('[data-plot="curves-plot"]').textContent.includes(text),
    `loss ${loss}`,
    {timeout: 5000},
  );
});

await check('a click on another trial shows its curve', async () => {
  const other = tab.locator('.trials tbody tr').nth(1);
  const number = await other.locator('td').first().textContent();
  await other.click();
  assert.match(await tab.locator('#curves-plot figcaption').textContent(), new RegExp(`^Trial ${number}:`));
});

await check('progress has three axes, and every plot a text that says what it shows', async () => {
  for (const name of ['epochs', 'node-', 'trials']) {
    await tab.locator('#progress button', {hasText: name}).click();
    assert.match(await tab.locator('#progress figcaption').textContent(), new RegExp(name));
  }
  for (const plot of await tab.locator('[role=img]').all()) assert((await plot.getAttribute('aria-label')).length > 20);
});

await check('the first rung has all trials', async () => {
  await tab.locator('#rungs-plot summary').click();
  assert.equal(
    await tab.locator('#rungs-plot tbody tr').first().locator('td').nth(1).textContent(),
    String(expected.at_first_rung),
  );
});

await check('nothing of all that made the page complain', async () => assert.deepEqual(tab.complaints, []));

await check('hostile texts are texts', async () => {
  const hostile = await open('hostile', 1400);
  await hostile.locator('.trials tbody tr').nth(1).click();
  for (const summary of await hostile.locator('summary').all()) await summary.click();
  assert.equal(await hostile.locator('#page b, #page script').count(), 0);
  assert((await hostile.locator('h1').textContent()).includes("</script><script>alert('out')</script>"));
  const at = await pixelOf(hostile, 'progress-plot', {xAxisIndex: 0, yAxisIndex: 0}, [
    6,
    await hostile.evaluate(() => report.progress.best.at(-1)[4]),
  ]);
  await hostile.mouse.move(at.x - 4, at.y);
  await hostile.mouse.move(at.x - 1, at.y, {steps: 3});
  assert.deepEqual(hostile.complaints, []);
});

await check('without the plot library there are tables, and the page says so', async () => {
  const tables = await open('tables', 1400);
  assert.match(await tables.locator('.notice').textContent(), /tables instead of plots/);
  assert.equal(await tables.locator('[role=img]').count(), 0);
  assert.deepEqual(
    await tables.locator('#curves-plot tbody tr').last().locator('td').allTextContents(),
    expected.curve.at(-1),
  );
});

// How long it takes is told, not tested: the machine may be busy with other tests.
await check('ten thousand trials: less than 10 MB', async () => {
  const size = fs.statSync(path.join(folder, 'large.html')).size;
  const times = [];
  for (let i = 0; i < 3; ++i) times.push((await open('large', 1400)).opened_ms);
  console.log(`        ${(size / 1e6).toFixed(1)} MB, open after ${times.join(', ')} ms`);
  assert(size < 10e6);
});

await check('a page of a running sweep loads itself again and keeps what was chosen', async () => {
  const reloading = await open('reloading', 1400);
  await reloading.locator('#progress button', {hasText: 'epochs'}).click();
  await reloading.waitForEvent('load', {timeout: 10000});
  await reloading.locator('#progress button[aria-pressed=true]', {hasText: 'epochs'}).waitFor({timeout: 5000});
});

await browser.close();
process.exit(failures ? 1 : 0);
