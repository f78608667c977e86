/** The first groups of an IPv6 address, those that are left out filled in. */
const leadingGroups = (address: string, count: number): string[] => {
  const [front = '', back] = address.split('::');
  const groups = front === '' ? [] : front.split(':');
  if (back !== undefined) {
    const behind = back === '' ? [] : back.split(':');
    // An IPv4 address at the end stands for two groups.
    const size = behind.length + (behind.at(-1)?.includes('.') === true ? 1 : 0);
    while (groups.length + size < 8) groups.push('0');
    groups.push(...behind);
  }
  return groups.slice(0, count).map((group) => group.toLowerCase().replace(/^0+(?=.)/u, ''));
};

const prefixOf = (host: string, groups: number): string => {
  if (!host.includes(':')) return host;
  const [address = '', zone] = host.split('%');
  const prefix = `${leadingGroups(address, groups).join(':')}::/${groups * 16}`;
  return zone === undefined ? prefix : `${prefix}%${zone}`;
};

/**
 * What counts as one address: IPv6 by its /64, since whoever has one address of it has all. An
 * IPv4 address, or any other name of a host, is one by itself.
 */
export const networkOf = (host: string): string => prefixOf(host, 4);

/** What is commonly one customer's: IPv6 by its /48; otherwise as {@link networkOf}. */
export const siteOf = (host: string): string => prefixOf(host, 3);
