/** The people, partners, groups and codes of the demo. All of them are invented. */
import type { Role } from '../../edge/core/access.ts';
import type { CodePolicy } from '../../edge/core/attribution.ts';
import type { Rule } from '../../edge/core/commission.ts';
import { minor, ppm } from '../../edge/core/money.ts';
import type { ClickRow } from '../../edge/deps.ts';
import type { Settings } from '../../edge/flows/enroll.ts';

export interface DemoPerson {
  readonly email: string;
  readonly name: string;
  /** What they are, in a few words. */
  readonly what: string;
  /** The partner they belong to; null: the retailer's side. */
  readonly partner: string | null;
  readonly role: Role;
}

export const PEOPLE: readonly DemoPerson[] = [
  { email: 'owner@demo.test', name: 'Maren Holt', what: 'owner: runs Kettle & Fell', partner: null, role: 'owner' },
  {
    email: 'manager@demo.test',
    name: 'Jonas Weber',
    what: 'program manager: recruits and answers partners',
    partner: null,
    role: 'manager',
  },
  { email: 'finance@demo.test', name: 'Priya Nair', what: 'finance: prepares payouts', partner: null, role: 'finance' },
  {
    email: 'finance2@demo.test',
    name: 'Tomás Ruiz',
    what: 'finance: approves payouts',
    partner: null,
    role: 'finance',
  },
  {
    email: 'compliance@demo.test',
    name: 'Ines Keller',
    what: 'compliance: keeps the brand right',
    partner: null,
    role: 'compliance',
  },
  { email: 'anna@partner.test', name: 'Anna Lindqvist', what: 'influencer', partner: 'anna', role: 'owner' },
  { email: 'bob@partner.test', name: 'Bob Okafor', what: 'publisher', partner: 'bob', role: 'owner' },
  { email: 'carla@partner.test', name: 'Carla Conti', what: 'coupon site', partner: 'carla', role: 'owner' },
];

export interface DemoPartner {
  readonly slug: string;
  readonly name: string;
  /** Clicks on an average day. */
  readonly daily: number;
  /** How many visitors in a hundred buy. */
  readonly buys: number;
  readonly currency: 'EUR' | 'USD';
  readonly referrers: readonly (string | null)[];
  readonly subs: readonly (string | null)[];
  /** Of a hundred clicks, how many are frames and images instead of people. */
  readonly stuffed: number;
  /** Days before today; 120: before the history begins. */
  readonly joined: number;
  readonly stopped?: { readonly daysAgo: number; readonly forCause: boolean };
  /** From the beginning, or from so many days ago. */
  readonly groups?: readonly { readonly group: string; readonly daysAgo?: number }[];
}

/** Days on which a partner's clicks rise, and the sub-id they carry. */
export const CAMPAIGNS = [
  { partner: 'anna', daysAgo: [48, 47, 46, 45], times: 5, sub1: 'dawn-kit' },
  { partner: 'anna', daysAgo: [11, 10, 9], times: 3.5, sub1: 'dawn-kit-again' },
  { partner: 'bob', daysAgo: [62, 61], times: 4, sub1: 'newsletter' },
  { partner: 'bob', daysAgo: [27, 26], times: 4, sub1: 'newsletter' },
  { partner: 'p02', daysAgo: [20, 19, 18], times: 4, sub1: 'autumn-sale' },
] as const;

// Long tail: a few carry most, many bring a visitor now and then, some none at all.
const TAIL =
  'Moss & Mile,Trailside Tales,Two Boots West,The Slow Ascent,Camp Kitchen Club,Northbound Notes,Pines & Pages,Ridge Runner Daily,Canteen Critic,Wet Socks Weekly,' +
  'Bivouac Brew,The Tarp Diaries,Granite & Grind,Ferry to Fell,Kettle Corner,Lowland Larks,Summit Supper,Peg & Pole,Driftwood Dispatch,Map Fold Method,' +
  'The Patient Pour,Ember Letters,Half Light Hikes,Crumbs on a Compass,Rucksack Review,Meadow & Mug,Third Cup Theory,The Long Way Home,Tin Cup Times,Bracken Bulletin,' +
  'Cloudberry Club,Weekend Wayfarer,Hut to Hut,Stove Talk,Alder & Ash,The Dry Match,Quiet Miles,Saddleback Stories,Bean There Hiking,Lantern Lists,' +
  'Marsh & Moor,Gaiter Gazette,The Unhurried Cyclist,Scree Scroll,Paper Boats,Wool & Water,Frostline Finds,The Spare Tent,Cairn Counter,Orchard Overnights,' +
  'Little Loops,Puddle Atlas,The Borrowed Van,Thermos & Thyme,Night Bus North,Field Notes Family,Birch Bench,The Other Trail,Dune Days,Last Bus Hikers';

const GOLD: readonly number[] = [12, 17];
const SILVER: readonly number[] = [16, 19, 22, 26];
/** From Silver to Gold. */
const RISEN = 19;

export const GROUPS: readonly {
  readonly slug: string;
  readonly name: string;
  readonly settings: Settings;
  readonly rules: readonly Rule[];
}[] = [
  {
    ...{ slug: 'silver-tier', name: 'Silver', settings: { windowDays: 45 } },
    rules: [{ when: { category: 'Coffee' }, ratePpm: ppm(150_000) }, { ratePpm: ppm(110_000) }],
  },
  {
    ...{ slug: 'gold-tier', name: 'Gold', settings: { windowDays: 60, model: 'position' } },
    rules: [
      { when: { event: 'lead' }, fixed: { EUR: minor(300), USD: minor(330) } },
      { when: { code: 'TARP15' }, ratePpm: ppm(60_000) },
      { when: { customer: 'new' }, ratePpm: ppm(150_000), cap: { EUR: minor(1_200), USD: minor(1_300) } },
      { when: { category: 'Coffee' }, ratePpm: ppm(200_000) },
      { ratePpm: ppm(120_000) },
    ],
  },
];

/** A link for one page, which people think about for longer. */
export const LINKS = [
  { partner: 'anna', code: 'anna-dawn-kit', path: '/products/kit-dawn', settings: { windowDays: 60 } },
] as const;

/** In days before today; a code without them holds always. What they take off is the shop's: `products.ts`. */
export const CODES: readonly {
  readonly partner?: string;
  readonly code: string;
  readonly policy: CodePolicy;
  readonly from?: number;
  readonly until?: number;
}[] = [
  { partner: 'anna', code: 'ANNA10', policy: 'always' },
  { partner: 'anna', code: 'ANNAWINTER', policy: 'always', from: -9, until: -40 },
  { partner: 'bob', code: 'SUMMER*', policy: 'always', from: 100, until: 24 },
  { partner: 'carla', code: 'CARLA5', policy: 'if_involved' },
  { partner: 'carla', code: 'CARLADEAL', policy: 'if_involved' },
  { partner: 'p12', code: 'TARP15', policy: 'if_winner' },
  { code: 'LETTER15', policy: 'none' },
];

export const PARTNERS: readonly DemoPartner[] = [
  {
    ...{ slug: 'anna', name: 'Small Hours Outside', daily: 78, buys: 5.5, currency: 'EUR', stuffed: 0, joined: 120 },
    referrers: ['blog.localhost', 'l.instagram.com', 'l.instagram.com', 'www.youtube.com', null],
    subs: ['bio', 'bio', 'dawn-kit-card', 'mug-card', null],
  },
  {
    ...{ slug: 'bob', name: 'Gear Ledger', daily: 52, buys: 6, currency: 'EUR', stuffed: 0, joined: 120 },
    referrers: ['gearledger.example', 'gearledger.example', 'www.google.com', null],
    subs: ['compare', 'compare', 'reviews', null],
  },
  {
    ...{ slug: 'carla', name: 'Carla’s Coupons', daily: 34, buys: 8, currency: 'EUR', stuffed: 14, joined: 120 },
    referrers: ['carlas-coupons.example', 'carlas-coupons.example', 'www.bing.com'],
    subs: ['list', 'toolbar', null],
  },
  ...TAIL.split(',').map((name, index): DemoPartner => {
    const number = index + 1;
    const host = `${name.toLowerCase().replace(/[^a-z]+/g, '')}.example`;
    return {
      slug: `p${String(number).padStart(2, '0')}`,
      name,
      daily: number > 56 ? 0 : 48 / (number + 3) ** 0.82,
      buys: 2.2 + (index % 5) * 0.8,
      currency: number % 2 === 0 ? 'USD' : 'EUR',
      referrers: [host, host, null],
      subs: [null, null, null, 'sidebar'],
      stuffed: number === 5 ? 30 : 0,
      joined: number % 7 === 0 ? 60 - number / 2 : 120,
      ...(number === 9 && { stopped: { daysAgo: 16, forCause: false } }),
      ...(number === 5 && { stopped: { daysAgo: 21, forCause: true } }),
      groups: [
        ...(SILVER.includes(number) ? [{ group: 'silver-tier' }] : []),
        ...(GOLD.includes(number) ? [{ group: 'gold-tier' }] : []),
        ...(number === RISEN ? [{ group: 'gold-tier', daysAgo: 34 }] : []),
      ],
    };
  }),
];

type Device = Pick<ClickRow, 'device' | 'browser' | 'os'>;
const device = (device: string, browser: string, os: string): Device => ({ device, browser, os });
/** Named as the redirect names them, and as common as here: a list to pick from. */
export const DEVICES: readonly Device[] = [
  ...Array(7).fill(device('mobile', 'Mobile Safari', 'iOS')),
  ...Array(5).fill(device('mobile', 'Chrome', 'Android')),
  ...Array(2).fill(device('mobile', 'Samsung Browser', 'Android')),
  ...Array(2).fill(device('mobile', 'Instagram', 'iOS')),
  ...Array(4).fill(device('desktop', 'Chrome', 'Windows')),
  ...Array(2).fill(device('desktop', 'Safari', 'Mac OS')),
  ...Array(2).fill(device('desktop', 'Firefox', 'Linux')),
  device('desktop', 'Edge', 'Windows'),
  device('tablet', 'Mobile Safari', 'iOS'),
];

export const COUNTRIES = {
  EUR: 'DE DE DE DE DE DE DE AT AT CH NL NL FR FR IT ES SE SE DK GB'.split(' '),
  USD: 'US US US US US US US US US CA CA GB DE AU'.split(' '),
} as const;
