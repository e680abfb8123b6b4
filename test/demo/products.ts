/** What the demo shop sells: its pages, the blog's reviews and the invented history all speak of these. */

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  /** In cents of a euro. */
  readonly price: number;
  readonly line: string;
  readonly text: string;
  readonly facts: readonly string[];
  /** The picture's background in light; dark is mixed from it. */
  readonly tile: string;
  /** The inside of an SVG, 200 × 200. */
  readonly art: string;
}

export const SHIPPING = 490;
export const FREE_SHIPPING_FROM = 6000;
export const shippingOf = (goods: number): number => (goods >= FREE_SHIPPING_FROM ? 0 : SHIPPING);

const shadow = (width: number, y = 168) =>
  `<ellipse cx="100" cy="${y}" rx="${width}" ry="7" fill="#1c2a24" opacity=".16"/>`;
const sun = (x: number, y: number, r: number, color: string) =>
  `<circle class="sun" cx="${x}" cy="${y}" r="${r}" fill="${color}"/>`;
const steam = (x: number, y: number) =>
  `<g fill="none" stroke="#fffaf0" stroke-width="4" stroke-linecap="round" opacity=".85"><path d="M${x} ${y}c-7-8 7-13 0-22"/><path d="M${x + 16} ${y - 2}c-7-8 7-13 0-22"/></g>`;

export const PRODUCTS: readonly Product[] = [
  {
    sku: 'kit-dawn',
    name: 'The Dawn Kit',
    category: 'Sets',
    price: 5750,
    line: 'Dripper, mug and beans, in one tin.',
    text: 'Everything for the first cup and nothing for the second: the Fold dripper, a Ridge mug and a bag of First Light, packed in a tin that fits the side pocket of any rucksack.',
    facts: ['640 g, packed', 'Tin of recycled steel', 'Saves €6 on the parts'],
    tile: '#f0cfa0',
    art: `${sun(100, 92, 58, '#f6e3bd')}${shadow(66)}
      <path d="M68 96h34l-7 30H75z" fill="#b4562b"/><path d="M62 92h46v7H62z" fill="#d06a38"/>
      <path d="M112 82h34v40h-34z" fill="#f7f1e3"/><path d="M112 82h34v7h-34z" fill="#24506b"/><path d="M146 93c16 0 16 22 0 22" fill="none" stroke="#f7f1e3" stroke-width="6"/>
      <path d="M42 116h116l-7 52H49z" fill="#2f6b57"/><path d="M38 110h124v13H38z" rx="4" fill="#3b7f68"/>
      <path d="M92 110h16v58H92z" fill="#e8b04a"/><circle cx="100" cy="117" r="10" fill="#e8b04a" stroke="#c98f2c" stroke-width="3"/>`,
  },
  {
    sku: 'grinder-tarn',
    name: 'Tarn hand grinder',
    category: 'Tools',
    price: 8900,
    line: 'Steel burrs, forty turns, one good cup.',
    text: 'Conical steel burrs in a body as wide as your hand. Thirty-two clicks of adjustment from moka to French press, and a crank that folds flat along the side.',
    facts: ['38 mm conical burrs', '24 g of beans at a time', 'Comes apart without tools'],
    tile: '#c6d5cf',
    art: `${sun(132, 66, 34, '#dfe9e3')}${shadow(40)}
      <path d="M98 46h62" stroke="#39453f" stroke-width="7" stroke-linecap="round"/><path d="M100 40v20" stroke="#39453f" stroke-width="9" stroke-linecap="round"/>
      <circle cx="160" cy="38" r="11" fill="#a4622f"/><path d="M72 60h56l-4 12H76z" fill="#58665f"/>
      <rect x="70" y="70" width="60" height="98" rx="9" fill="#8e9b95"/><rect x="70" y="70" width="16" height="98" rx="8" fill="#a9b5af"/>
      <rect x="66" y="98" width="68" height="36" rx="6" fill="#a4622f"/><path d="M66 108h68M66 119h68" stroke="#8a4f24" stroke-width="2.5"/>
      <path d="M84 150h34" stroke="#6d7973" stroke-width="4" stroke-linecap="round"/>`,
  },
  {
    sku: 'kettle-fell',
    name: 'Fell kettle, 0.9 l',
    category: 'Brewing',
    price: 5400,
    line: 'A gooseneck that survives the gooseneck test.',
    text: 'Pours thin and slow over a gas stove or an open fire. The handle folds, the lid stays on in wind, and the neck is welded in two places because we dropped the first ones.',
    facts: ['Stainless steel, 410 g', 'For gas, fire and induction', 'Two cups, or one and a wash'],
    tile: '#bcd0d8',
    art: `${sun(64, 62, 28, '#e5eff2')}${shadow(58)}
      <path d="M128 128c26 2 26-42 44-50" fill="none" stroke="#2c4a5a" stroke-width="10" stroke-linecap="round"/>
      <path d="M62 88h72l14 78H48z" fill="#3d6478"/><path d="M62 88h20l-8 78H48z" fill="#527d92"/>
      <path d="M60 80h76v10H60z" fill="#2c4a5a"/><path d="M78 80c4-14 36-14 40 0z" fill="#3d6478"/><circle cx="98" cy="64" r="7" fill="#d98a3d"/>
      <path d="M56 94C14 86 18 148 50 150" fill="none" stroke="#2c4a5a" stroke-width="9" stroke-linecap="round"/>${steam(170, 64)}`,
  },
  {
    sku: 'dripper-fold',
    name: 'Fold dripper',
    category: 'Brewing',
    price: 3200,
    line: 'A cone that lies flat until it is needed.',
    text: 'Three leaves of silicone and steel open into a proper 60° cone. Takes any size 2 paper, stands on any mug, and packs to the thickness of a slice of bread.',
    facts: ['86 g', '12 mm thin when folded', 'Paper or steel filter'],
    tile: '#ecc9b4',
    art: `${sun(100, 60, 34, '#f7e2d5')}${shadow(46)}
      <path d="M52 56h96l-32 58H84z" fill="#c0592c"/><path d="M52 56h34l14 58H84z" fill="#d8713f"/><path d="M48 50h104v9H48z" fill="#98431f"/>
      <path d="M66 114h68v8H66z" fill="#98431f"/><path d="M100 124v10" stroke="#4a2a18" stroke-width="4" stroke-linecap="round" stroke-dasharray="5 6"/>
      <path d="M70 126h60l-6 42H76z" fill="#f4f6f3" opacity=".75"/><path d="M74 146h52l-3 22H77z" fill="#4a2a18"/>`,
  },
  {
    sku: 'mug-ridge',
    name: 'Ridge enamel mug',
    category: 'Cups',
    price: 1800,
    line: 'Chips beautifully. Holds 350 ml.',
    text: 'Two coats of enamel over steel, fired in a small works that has made pots since 1926. Put it on the fire, in the bag, under the car. It will chip; that is how it becomes yours.',
    facts: ['350 ml', 'Enamel on steel, 140 g', 'Fire, hob and dishwasher'],
    tile: '#d9d2b4',
    art: `${sun(72, 74, 36, '#efe9cf')}${shadow(50)}
      <path d="M134 96c36-2 36 50 0 50" fill="none" stroke="#f8f3e6" stroke-width="11"/>
      <path d="M56 78h82v76c0 8-6 14-14 14H70c-8 0-14-6-14-14z" fill="#f8f3e6"/><path d="M54 72h86v10H54z" fill="#24506b"/>
      <path d="M66 142l18-26 12 14 14-22 20 34z" fill="#2f6b57"/><path d="M110 108l7 12-6 3-4-4-4 2z" fill="#f8f3e6"/>
      <g fill="#24506b" opacity=".55"><circle cx="70" cy="96" r="1.8"/><circle cx="120" cy="94" r="1.8"/><circle cx="92" cy="102" r="1.4"/><circle cx="128" cy="154" r="1.6"/><circle cx="66" cy="156" r="1.4"/></g>${steam(88, 62)}`,
  },
  {
    sku: 'flask-drover',
    name: 'Drover flask, 0.7 l',
    category: 'Cups',
    price: 3900,
    line: 'Hot until the second summit.',
    text: 'Double walls, a cup for a lid, and a cork collar so that cold hands can hold it. Keeps coffee hot for eleven hours; we stopped measuring because we had drunk it.',
    facts: ['11 hours hot', 'Cup lid, 180 ml', 'Spare seals for ten years'],
    tile: '#c9d8b6',
    art: `${sun(136, 72, 32, '#e4eed7')}${shadow(36)}
      <path d="M74 34h52v30H74z" fill="#9a4527"/><path d="M74 34h14v30H74z" fill="#b5573a"/><path d="M80 64h40v10H80z" fill="#d9b98a"/>
      <rect x="68" y="72" width="64" height="96" rx="12" fill="#31573f"/><rect x="68" y="72" width="17" height="96" rx="8" fill="#41704f"/>
      <path d="M68 104h64v14H68z" fill="#d9b98a"/><path d="M94 138l10-14 8 9 5-5 8 13z" fill="#f1e8cf"/>
      <path d="M132 84c20 6 20 56 0 66" fill="none" stroke="#6b3b1f" stroke-width="5"/>`,
  },
  {
    sku: 'beans-first-light',
    name: 'First Light, 250 g',
    category: 'Coffee',
    price: 1350,
    line: 'Apricot, honey, a little smoke.',
    text: 'A washed Ethiopian and a natural from Huila, roasted on Tuesdays and posted on Wednesdays. Made for a dripper and cold air; forgiving if you guess the water.',
    facts: ['Whole beans', 'Roasted to order', 'Paper bag, plant-based valve'],
    tile: '#e6c28f',
    art: `${sun(100, 70, 44, '#f3dbb4')}${shadow(48)}
      <path d="M62 54h76l6 114H56z" fill="#5b3a29"/><path d="M62 54h18l-6 114H56z" fill="#6f4a36"/><path d="M60 42h80v16H60z" fill="#4a2e20"/><path d="M66 50h68" stroke="#e8d9b8" stroke-width="3" stroke-dasharray="4 4"/>
      <rect x="72" y="82" width="60" height="58" rx="4" fill="#f6ecd6"/><path d="M78 124c8-22 40-22 48 0z" fill="#e08a3a"/><path d="M78 124h48" stroke="#5b3a29" stroke-width="3"/><path d="M102 92v6M86 98l4 5M118 98l-4 5" stroke="#e08a3a" stroke-width="3" stroke-linecap="round"/>
      <g fill="#3b2418"><ellipse cx="156" cy="162" rx="10" ry="7" transform="rotate(-24 156 162)"/><ellipse cx="40" cy="164" rx="9" ry="6" transform="rotate(18 40 164)"/></g><path d="M149 165c5-1 8-4 14-5M34 162c4 0 7 3 12 4" stroke="#8a6046" stroke-width="1.6" fill="none"/>`,
  },
  {
    sku: 'notebook-rain',
    name: 'Rain notebook',
    category: 'Paper',
    price: 1400,
    line: 'Stone paper, for ideas had in weather.',
    text: 'Ninety-six pages that take pencil when wet and dry flat by morning. Dotted, sewn, with a pocket for the receipt you promised to keep and a loop for the pencil you will lose.',
    facts: ['96 dotted pages, A6', 'Stone paper, no trees', 'Pencil included'],
    tile: '#c3cfe0',
    art: `${sun(62, 66, 26, '#e3eaf3')}${shadow(50)}
      <g transform="rotate(-7 100 110)"><rect x="62" y="52" width="82" height="114" rx="6" fill="#f4efe2"/><rect x="58" y="50" width="82" height="114" rx="6" fill="#2f4a73"/><path d="M58 56c0-3 3-6 6-6h8v114h-8c-3 0-6-3-6-6z" fill="#233a5c"/>
      <path d="M124 50v114" stroke="#e08a3a" stroke-width="5"/><rect x="82" y="76" width="32" height="20" rx="3" fill="#f4efe2"/><path d="M87 83h22M87 89h14" stroke="#2f4a73" stroke-width="2.4"/></g>
      <g transform="rotate(14 150 120)"><path d="M146 62h10v84h-10z" fill="#e8b04a"/><path d="M146 146h10l-5 15z" fill="#f2e0bd"/><path d="M149 155h4l-2 6z" fill="#2a2a2a"/><path d="M146 62h10v-8h-10z" fill="#b5573a"/></g>
      <g stroke="#5e7fae" stroke-width="4" stroke-linecap="round"><path d="M46 34l-5 12M84 24l-5 12M124 32l-5 12M164 24l-5 12"/></g>`,
  },
];

/** What a discount code takes off the goods, in percent; upper case, as people type it in any. */
const DISCOUNTS: Readonly<Record<string, number>> = {
  ANNA10: 10,
  CARLA5: 5,
  CARLADEAL: 8,
  TARP15: 15,
  LETTER15: 15,
};

/** Null: not a code of this shop. */
export const percentOff = (code: string): number | null =>
  Object.hasOwn(DISCOUNTS, code) ? (DISCOUNTS[code] ?? null) : null;

export const discountOf = (percent: number, goods: number): number => Math.round((goods * percent) / 100);

export const productOf = (sku: string): Product | undefined => PRODUCTS.find((product) => product.sku === sku);

/** A product's picture; its name stands beside it, so it is left out of the reading order. */
export const picture = (product: Product): string =>
  `<svg class="art" viewBox="0 0 200 200" style="--tile:${product.tile}" aria-hidden="true">${product.art}</svg>`;
