import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import type { CertificateOptions } from '../../../../test/support/certificate.ts';
import { normalSubject } from '../../src/config/checks.ts';
import { subjectOf } from '../../src/net/certificate-subject.ts';

const subjectWith = async (subject: CertificateOptions['subject'] = []) =>
  subjectOf(new X509Certificate((await makeCertificate('', { subject })).cert));

describe('the subject of a certificate', () => {
  it.each([
    [[['CN', 'sensor']], 'CN=sensor'],
    [
      [
        ['CN', 'sensor'],
        ['O', 'House'],
      ],
      'CN=sensor,O=House',
    ],
    [
      [
        ['O', 'House'],
        ['CN', 'sensor'],
      ],
      'O=House,CN=sensor',
    ],
    [
      [
        ['OU', 'a'],
        ['OU', 'b'],
      ],
      'OU=a,OU=b',
    ],
    // What would imitate another subject is escaped.
    [[['CN', String.raw`sensor\,O=House`]], String.raw`CN=sensor\,O=House`],
    [[['CN', String.raw`sensor\+O=House`]], String.raw`CN=sensor\+O=House`],
    [[['CN', String.raw`sensor \+ O=House`]], String.raw`CN=sensor \+ O=House`],
    [[['CN', String.raw`sensor\0AO=House`]], String.raw`CN=sensor\0AO=House`],
    [[['CN', 'sensor\u0000']], String.raw`CN=sensor\00`],
    [[['CN', String.raw`a\"\<\>\;\\ü€`]], String.raw`CN=a\"\<\>\;\\ü€`],
    [
      [
        ['CN', String.raw`\ a\ `],
        ['O', 'b'],
      ],
      String.raw`CN=\ a\ ,O=b`,
    ],
    // Side by side.
    [
      [
        ['CN', 'a+O=b'],
        ['OU', 'c'],
      ],
      'CN=a+O=b,OU=c',
    ],
  ] satisfies [CertificateOptions['subject'], string][])(
    'is unambiguous: %j',
    async (subject, expected) => {
      const actual = await subjectWith(subject);
      expect(actual).toBe(expected);
      // A configuration can name each of them.
      expect(normalSubject(expected)).toBe(expected);
    },
  );

  it('that has none is undefined', async () => {
    expect(await subjectWith()).toBeUndefined();
  });
});
