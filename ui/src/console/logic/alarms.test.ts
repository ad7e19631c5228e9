import { describe, expect, it } from 'vitest';
import type { Alert } from '../../generated/center/Alert';
import { alertKey, sounding } from './alarms';

function alert(over: Partial<Alert>): Alert {
  return {
    kind: 'unanswered',
    id: 'a1',
    incident: 'i1',
    unit: 'AMB-01',
    post: null,
    level: 1,
    count: 1,
    next_unit: null,
    field: null,
    since_ms: 0,
    now_ms: 0,
    ...over,
  };
}

const NOBODY: ReadonlySet<string> = new Set();

describe('the alarm', () => {
  it('of a call for help that is raised again sounds again, though somebody has it', () => {
    const inHand = new Set([alertKey(alert({ kind: 'sos', id: 's1', level: 0 }))]);

    expect(sounding([alert({ kind: 'sos', id: 's1', level: 1, count: 2 })], [], inHand)).toEqual([{ key: 'sos/s1/1', urgent: true }]);
  });

  it('sounds for an SOS and says that it is urgent', () => {
    expect(sounding([alert({ kind: 'sos', id: 's1', level: 0 })], [], NOBODY)).toEqual([{ key: 'sos/s1/0', urgent: true }]);
  });

  it('is silent for what is only to be seen', () => {
    const seen = [alert({ kind: 'dispute' }), alert({ kind: 'empty_post' }), alert({ kind: 'device_waiting' })];

    expect(sounding(seen, [], NOBODY)).toEqual([]);
  });

  it('is silent once somebody has it in hand', () => {
    const late = alert({});

    expect(sounding([late], [], new Set([alertKey(late)]))).toEqual([]);
  });

  it('sounds again when the escalation rises', () => {
    const inHand = new Set([alertKey(alert({ level: 1 }))]);

    expect(sounding([alert({ level: 2 })], [], inHand)).toHaveLength(1);
  });
});
