import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formats } from '../src/formats.ts';

const cases: [format: string, text: string, expected: string | undefined][] = [
  ['trimmed', ' \t blue\r\n', 'blue'],
  ['trimmed', '\u00a0blue', '\u00a0blue'],
  ['trimmed', 'a\0b', undefined],
  ['text', ' as it is ', ' as it is '],
  ['text', '\ud800', undefined],
  ['decimal', '007.5', '7.50'],
  ['decimal', '-0', '0.00'],
  ['decimal', '-0.05', '-0.05'],
  ['decimal', '9999999999.99', '9999999999.99'],
  ['decimal', '10000000000', undefined],
  ['decimal', '1.234', undefined],
  ['decimal', '1\n', undefined],
  ['date', '0001-01-01', '0001-01-01'],
  ['date', '2024-02-29', '2024-02-29'],
  ['date', '2023-02-29', undefined],
  ['date', '0000-01-01', undefined],
  ['date-time', '2026-11-20T12:23:00.1239+02:00', '2026-11-20T10:23:00.123Z'],
  ['date-time', '0000-12-31T23:30:00-01:00', '0001-01-01T00:30:00.000Z'],
  ['date-time', '0001-01-01T00:00:00+01:00', undefined],
  ['date-time', '9999-12-31T23:59:59-00:01', undefined],
  ['date-time', '2023-02-29T10:23:00Z', undefined],
  ['date-time', '2026-11-20T24:00:00Z', undefined],
  ['date-time', '2026-11-20t10:23:00Z', undefined],
  ['date-time', '2026-11-20T10:23:00', undefined],
  ['uuid', '0190F3A0-5B1E-7C3A-9A52-6D6F4C1B2A3D', '0190f3a0-5b1e-7c3a-9a52-6d6f4c1b2a3d'],
  ['uuid', '0190f3a05b1e7c3a9a526d6f4c1b2a3d', undefined],
  ['email', ' Ada@Example.com\n', 'ada@example.com'],
  ['email', '\u212aada@example.com', undefined],
  ['email', '\u2003ada@example.com', undefined],
  ['email', 'ada@localhost', undefined],
  ['email', `${'a'.repeat(243)}@example.com`, undefined],
];

for (const [format, text, expected] of cases) {
  test(`${format}: ${JSON.stringify(text).slice(0, 60)}`, () => {
    assert.equal(formats[format]?.read(text), expected);
  });
}

test('a long run of space takes no long time', () => {
  const started = performance.now();
  formats.trimmed?.read(`${' '.repeat(500_000)}x${' '.repeat(500_000)}x`);
  assert.ok(performance.now() - started < 10_000);
});
