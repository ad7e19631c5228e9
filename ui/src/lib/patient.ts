// What people call a patient: a number that never moves, or three characters of the id until there is one.

/** The words around it, of the page that shows it. */
export interface PatientWords {
  number: (number: string) => string;
  temporary: (characters: string) => string;
}

/** `Pasien A01`; `Pasien A01 · 7f3` where more than one has the number; `Pasien sementara 7f3` without one. */
export function patientName(words: PatientWords, number: string | null, short: string, doubtful: boolean): string {
  if (number === null) return words.temporary(short);
  return words.number(doubtful ? `${number} · ${short}` : number);
}
