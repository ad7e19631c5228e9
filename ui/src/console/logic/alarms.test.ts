import { describe, expect, it } from 'vitest';
import type { Alert } from '../../generated/center/Alert';
import { alertKey, sounding as soundingAt, type Sounding, toTake } from './alarms';

function alert(over: Partial<Alert>): Alert {
  return {
    kind: 'unanswered',
    id: 'a1',
    incident: 'i1',
    unit: 'AMB-01',
    post: null,
    level: 1,
    count: 1,
    quiet: false,
    taken: null,
    sos: null,
    next_unit: null,
    field: null,
    since_ms: 0,
    now_ms: 0,
    ...over,
  };
}

const NOBODY: ReadonlySet<string> = new Set();

function sounding(alerts: readonly Alert[], inHand: ReadonlySet<string>): Sounding[] {
  return soundingAt(alerts, inHand, 'dispatcher');
}

describe('the alarm', () => {
  it('of a call for help that is raised again sounds again, though somebody has it', () => {
    const inHand = new Set([alertKey(alert({ kind: 'sos', id: 's1', level: 0 }))]);

    expect(sounding([alert({ kind: 'sos', id: 's1', level: 1, count: 2 })], inHand)).toEqual([{ key: 'sos/s1/1', urgent: true, mutable: true }]);
  });

  it('sounds for an SOS and says that it is urgent', () => {
    expect(sounding([alert({ kind: 'sos', id: 's1', level: 0 })], NOBODY)).toEqual([{ key: 'sos/s1/0', urgent: true, mutable: true }]);
  });

  it('is silent for what is only to be seen', () => {
    const seen = [alert({ kind: 'dispute' }), alert({ kind: 'empty_post' }), alert({ kind: 'device_waiting' })];

    expect(sounding(seen, NOBODY)).toEqual([]);
  });

  it('is silent once somebody has it in hand', () => {
    const late = alert({});

    expect(sounding([late], new Set([alertKey(late)]))).toEqual([]);
  });

  it('sounds again when the escalation rises', () => {
    const inHand = new Set([alertKey(alert({ level: 1 }))]);

    expect(sounding([alert({ level: 2 })], inHand)).toHaveLength(1);
  });

  it('sounds in a lower tone for an SOS that was answered, until somebody is safe', () => {
    const answered = alert({ kind: 'sos', id: 's1', level: 0, quiet: true, sos: 'answered' });

    expect(sounding([answered], NOBODY).map((one) => one.urgent)).toEqual([false]);
  });

  it('sounds at dispatchers for a call nobody was sent to, and at everybody once it rose', () => {
    const call = (level: number): Alert => alert({ kind: 'unsent', id: 'i1', level });
    const at = (level: number, role: 'dispatcher' | 'supervisor'): number => soundingAt([call(level)], NOBODY, role).length;

    expect([at(0, 'dispatcher'), at(0, 'supervisor'), at(1, 'supervisor')]).toEqual([1, 0, 1]);
  });

  it('is not silenced at one desk for a call nobody was sent to, only by taking it', () => {
    const call = alert({ kind: 'unsent', id: 'i1', level: 3 });

    expect(sounding([call], new Set([alertKey(call)]))).toHaveLength(1);
    expect(sounding([{ ...call, quiet: true }], NOBODY)).toEqual([]);
  });

  it('takes every call that sounds in one press', () => {
    const calls = [alert({ kind: 'unsent', incident: 'i1' }), alert({ kind: 'declined', incident: 'i2' }), alert({ kind: 'unsent', incident: 'i3', quiet: true })];

    expect(toTake(calls)).toEqual(['i1', 'i2']);
  });
});
