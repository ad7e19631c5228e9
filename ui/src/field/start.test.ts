import { describe, expect, it } from 'vitest';
import type { TriageColor } from '../generated/TriageColor';
import type { TriageOutcome } from '../generated/TriageOutcome';
import type { TriageQuestion } from '../generated/TriageQuestion';
import { FIRST, answer, type Walk } from './start';

/** Answers until a colour comes out; what is not named is answered no. */
function walk(how: Walk, yes: readonly TriageQuestion[]): TriageColor {
  let outcome: TriageOutcome = { ask: FIRST };
  for (let asked = 0; asked < 10; asked += 1) {
    if ('color' in outcome) return outcome.color;
    outcome = answer(how, outcome.ask, yes.includes(outcome.ask));
  }
  throw new Error('no colour after ten questions');
}

describe('START', () => {
  it.each<[string, TriageQuestion[], TriageColor]>([
    ['whoever can walk is green', ['walk'], 'green'],
    ['no breath after opening the airway is black', [], 'black'],
    ['a breath only after opening the airway is red', ['airway'], 'red'],
    ['more than 30 breaths a minute is red', ['breathing', 'rate'], 'red'],
    ['no pulse at the wrist is red', ['breathing'], 'red'],
    ['not obeying commands is red', ['breathing', 'perfusion'], 'red'],
    ['breathing, perfused and obeying is yellow', ['breathing', 'perfusion', 'commands'], 'yellow'],
  ])('%s', (_name, yes, color) => {
    expect(walk('start', yes)).toBe(color);
  });
});

describe('JumpSTART', () => {
  it.each<[string, TriageQuestion[], TriageColor]>([
    ['a child who can walk is green', ['walk'], 'green'],
    ['no breath and no pulse is black', [], 'black'],
    ['a breath after opening the airway is red', ['airway'], 'red'],
    ['a pulse and a breath after five rescue breaths is red', ['child_pulse', 'rescue'], 'red'],
    ['a pulse but no breath after five rescue breaths is black', ['child_pulse'], 'black'],
    ['a rate out of 15 to 45 is red', ['breathing', 'child_rate'], 'red'],
    ['breathing without a pulse is red', ['breathing'], 'red'],
    ['an unfitting response is red', ['breathing', 'child_perfusion'], 'red'],
    ['breathing, pulse and a fitting response is yellow', ['breathing', 'child_perfusion', 'child_response'], 'yellow'],
  ])('%s', (_name, yes, color) => {
    expect(walk('jumpstart', yes)).toBe(color);
  });
});
