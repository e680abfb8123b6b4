/**
 * bots: how many self-declared robots are missed, how many browsers taken for robots. The robots' list is the one that
 * `es6-crawler-detect` 3.3.0 is tested with (isbot names its sources: this is none of them); browsers are those of
 * `top-user-agents`, and the phones of the same package's list of devices. Then what a page stuffs is tried in a browser.
 */
import { readFileSync } from 'node:fs';
import topUserAgents from 'top-user-agents';
import { isRobot } from '../../edge/http/agent.ts';
import { buildDemo } from '../demo/build.ts';
import { launch } from '../support/browser.ts';
import { createProduct } from '../support/product.ts';
import { STUFFED, stuffAndBuy } from '../support/stuffing.ts';
import type { Figure, Measured } from './figure.ts';

interface Count {
  readonly all: number;
  readonly wrong: readonly string[];
  readonly rate: number;
}

/** `phonesEvery`: of that long list, each so many. */
export function misjudged({ phonesEvery = 1 } = {}) {
  const list = (name: string) => {
    const text = readFileSync(`node_modules/es6-crawler-detect/test/lib/database/${name}.txt`, 'utf8');
    const lines = new Set(text.split('\n').map((line) => line.trim()));
    return [...lines].filter((line) => line !== '');
  };
  const count = (agents: readonly string[], robots: boolean): Count => {
    const wrong = agents.filter((agent) => isRobot(agent) !== robots);
    return { all: agents.length, wrong, rate: wrong.length / agents.length };
  };
  const phone = /^Mozilla\/5\.0 \((?:Linux|iPhone|iPad).*WebKit.*Mobile/;
  return {
    robots: count(list('crawlers'), true),
    browsers: count(topUserAgents, false),
    phones: count(
      list('devices').filter((agent, number) => number % phonesEvery === 0 && phone.test(agent)),
      false,
    ),
  };
}

export const bots: Figure = {
  name: 'bots',
  seed: 0,
  async measure() {
    const { robots, browsers, phones } = misjudged();
    const percent = (rate: number) => Math.round(rate * 1e5) / 1e3;
    const row = (part: string, { all, wrong, rate }: Count, limit: number): Measured => ({
      part,
      value: percent(rate),
      unit: '% wrong',
      promise: `≤ ${percent(limit)}`,
      holds: rate <= limit,
      detail: `${wrong.length} of ${all}`,
    });
    const { paid, counted } = await stuffed();
    const none = (part: string, value: number): Measured => ({
      part,
      value,
      unit: '',
      promise: '0',
      holds: value === 0,
      detail: Object.keys(STUFFED).join(', '),
    });
    return [
      row('robots', robots, 0.01),
      row('browsers', browsers, 0.001),
      row('phones', phones, 0.001),
      none('stuffing-paid', paid),
      none('stuffing-counted', counted),
    ];
  },
};

/** Each way of calling a link without anybody following it, by itself, with an order after it. */
async function stuffed() {
  await buildDemo();
  const product = await createProduct();
  await product.start();
  const browser = await launch();
  try {
    let [paid, counted] = [0, 0];
    for (const way of Object.keys(STUFFED)) {
      const outcome = await stuffAndBuy(browser, product, [way as keyof typeof STUFFED]);
      paid += outcome.allocations.length;
      counted += outcome.counted;
      if (outcome.clicks === 0) throw new Error(`${way}: the browser did not call the link`);
    }
    return { paid, counted };
  } finally {
    await browser.close();
    await product.dispose();
  }
}
