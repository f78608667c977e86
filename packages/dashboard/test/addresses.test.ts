import { describe, expect, it } from 'vitest';
import { addressOfPlace, placeOfQuery } from '../src/views/connections/connections-address.ts';
import { chosenAddress, namesOfQuery, problemOfName } from '../src/views/signals/chosen-address.ts';

const queryOf = (address: string) => new URLSearchParams(address.split('?')[1] ?? '');

describe('the address of signals', () => {
  it('has all names and the presentation in it', () => {
    const names = ['a::**', 'grün&x', '<img>'];
    const address = chosenAddress(names, 'log');
    expect(namesOfQuery(queryOf(address))).toEqual(names);
    expect(queryOf(address).get('show')).toBe('log');
    expect(chosenAddress([], 'newest')).toBe('#/signals');
  });

  it('leaves out what the server would refuse', () => {
    const names = [
      'a',
      'a',
      'a b',
      '',
      'a=b',
      'b',
      ...Array.from({ length: 200 }, (_, i) => `${i}`),
    ];
    const query = new URLSearchParams(names.map((name): [string, string] => ['name', name]));
    expect(namesOfQuery(query).slice(0, 3)).toEqual(['a', 'b', '0']);
    expect(namesOfQuery(query)).toHaveLength(100);
    expect(problemOfName('a::*')).toBeUndefined();
  });
});

describe('the address of connections', () => {
  it('is read as it is written, and takes nothing that makes no sense', () => {
    const place = { filter: 'a&b', sort: 'name', order: 'asc', id: '127.0.0.1:5' } as const;
    expect(placeOfQuery(queryOf(addressOfPlace(place)))).toEqual(place);
    const usual = { filter: '', sort: 'sinceMs', order: 'desc', id: '' } as const;
    expect(addressOfPlace(usual)).toBe('#/connections');
    expect(placeOfQuery(queryOf('#/connections?sort=constructor&order=x'))).toEqual(usual);
  });
});
