// Written by `cargo xtask codegen` from `domain`. Do not edit.
import type { DamageStep } from './DamageStep';
import type { SignRow } from './SignRow';
import type { TriageStep } from './TriageStep';

export const START: readonly TriageStep[] = [
  {"ask":"walk","yes":{"color":"green"},"no":{"ask":"breathing"}},
  {"ask":"breathing","yes":{"ask":"rate"},"no":{"ask":"airway"}},
  {"ask":"airway","yes":{"color":"red"},"no":{"color":"black"}},
  {"ask":"rate","yes":{"color":"red"},"no":{"ask":"perfusion"}},
  {"ask":"perfusion","yes":{"ask":"commands"},"no":{"color":"red"}},
  {"ask":"commands","yes":{"color":"yellow"},"no":{"color":"red"}},
];

export const JUMPSTART: readonly TriageStep[] = [
  {"ask":"walk","yes":{"color":"green"},"no":{"ask":"breathing"}},
  {"ask":"breathing","yes":{"ask":"child_rate"},"no":{"ask":"airway"}},
  {"ask":"airway","yes":{"color":"red"},"no":{"ask":"child_pulse"}},
  {"ask":"child_pulse","yes":{"ask":"rescue"},"no":{"color":"black"}},
  {"ask":"rescue","yes":{"color":"red"},"no":{"color":"black"}},
  {"ask":"child_rate","yes":{"color":"red"},"no":{"ask":"child_perfusion"}},
  {"ask":"child_perfusion","yes":{"ask":"child_response"},"no":{"color":"red"}},
  {"ask":"child_response","yes":{"color":"yellow"},"no":{"color":"red"}},
];

export const DAMAGE: readonly DamageStep[] = [
  {"ask":"collapsed","class":"heavy"},
  {"ask":"structure","class":"moderate"},
  {"ask":"finish","class":"light"},
];

export const SIGNS: readonly SignRow[] = [
  {"sign":"hr","name":"Pulse","nemsis":"eVitals.10","unit":"/min","low":0.0,"high":500.0,"decimals":0,"is_asked":true},
  {"sign":"rr","name":"Respiratory rate","nemsis":"eVitals.14","unit":"/min","low":0.0,"high":300.0,"decimals":0,"is_asked":true},
  {"sign":"sbp","name":"Systolic blood pressure","nemsis":"eVitals.06","unit":"mm[Hg]","low":0.0,"high":500.0,"decimals":0,"is_asked":true},
  {"sign":"dbp","name":"Diastolic blood pressure","nemsis":"eVitals.07","unit":"mm[Hg]","low":0.0,"high":500.0,"decimals":0,"is_asked":true},
  {"sign":"spo2","name":"Oxygen saturation","nemsis":"eVitals.12","unit":"%","low":0.0,"high":100.0,"decimals":0,"is_asked":true},
  {"sign":"temp","name":"Body temperature","nemsis":"eVitals.24","unit":"Cel","low":0.0,"high":50.0,"decimals":1,"is_asked":true},
  {"sign":"gcs","name":"Glasgow Coma Scale","nemsis":"eVitals.23","unit":"","low":3.0,"high":15.0,"decimals":0,"is_asked":true},
  {"sign":"gcs_eye","name":"GCS, eyes","nemsis":"eVitals.19","unit":"","low":1.0,"high":4.0,"decimals":0,"is_asked":false},
  {"sign":"gcs_verbal","name":"GCS, verbal","nemsis":"eVitals.20","unit":"","low":1.0,"high":5.0,"decimals":0,"is_asked":false},
  {"sign":"gcs_motor","name":"GCS, motor","nemsis":"eVitals.21","unit":"","low":1.0,"high":6.0,"decimals":0,"is_asked":false},
  {"sign":"glucose","name":"Blood glucose","nemsis":"eVitals.18","unit":"mg/dL","low":0.0,"high":2000.0,"decimals":0,"is_asked":true},
  {"sign":"pain","name":"Pain scale","nemsis":"eVitals.27","unit":"","low":0.0,"high":10.0,"decimals":0,"is_asked":true},
];
