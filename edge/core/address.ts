/** Internet addresses, as far as they tell one client from another. They are never stored. */

/** An IPv4 address, or the /64 of an IPv6 one: a household has all of it. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

/** One of a machine's own network, a proxy's or a test's: it names no line, and may stand for everybody. */
export const isInside = (address: string): boolean =>
  /^(?:::ffff:)?(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.|^::1$|^f(?:[cd]..|e80):/i.test(address);
