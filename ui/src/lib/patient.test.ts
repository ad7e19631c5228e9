import { describe, expect, it } from 'vitest';
import { patientName } from './patient';

describe('what a patient is called', () => {
  const words = { number: (n: string) => `Pasien ${n}`, temporary: (c: string) => `Pasien sementara ${c}` };

  it('is its number and nothing else', () => {
    expect(patientName(words, 'A01', '7f3', false)).toBe('Pasien A01');
  });

  it('has three characters of the id where two patients have one number, and where there is none', () => {
    expect(patientName(words, 'A01', '7f3', true)).toBe('Pasien A01 · 7f3');
    expect(patientName(words, null, '7f3', false)).toBe('Pasien sementara 7f3');
  });
});
