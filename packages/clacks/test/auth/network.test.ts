import { describe, expect, it } from 'vitest';
import { networkOf, siteOf } from '../../src/auth/network.ts';

describe('what counts as one address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', '192.0.2.7'],
    ['unixdomainsocket', 'unixdomainsocket', 'unixdomainsocket'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:0DB8:0001:2::9', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8::9', '2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64', '2001:db8:0::/48'],
    ['::1', '0:0:0:0::/64', '0:0:0::/48'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64', '64:ff9b:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64%eth0', 'fe80:0:0::/48%eth0'],
  ])('of %s is %s, and of its site %s', (host, network, site) => {
    expect(networkOf(host)).toBe(network);
    expect(siteOf(host)).toBe(site);
  });
});
