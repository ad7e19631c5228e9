// The raw document of the HTTP API is an Automerge document that other people's software opens.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root, Stage } from './support/programs.mjs';

const stage = new Stage();
let center;
let Automerge;

before(async () => {
  const entry = createRequire(join(root, 'ui/package.json')).resolve('@automerge/automerge');
  Automerge = await import(pathToFileURL(entry));
  center = await stage.center();
});
after(() => stage.close());

/** Texts of a record are Automerge's immutable strings, because nobody edits them letter by letter. */
function plain(value) {
  return Automerge.isImmutableString(value) ? value.val : value;
}

/** The entries of a document with their kind and id. */
function entriesOf(document) {
  const entries = Object.entries(document).filter(([key]) => key.includes('/'));
  return entries.map(([key, fields]) => {
    const [kind, id] = key.split('/');
    return { kind, id, ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)])) };
  });
}

const hex = (bytes) => Buffer.from(bytes).toString('hex');

test('the automerge package of npm opens a record with the content of its projection', async () => {
  const { incident } = await center.call({ category: 'BANJIR', village: '61.04.14.2015', narrative: 'air naik, dua orang di atap', landmark: 'dekat masjid' });
  await center.post(`/api/incidents/${incident}/notes`, { text: 'perahu dari Tumbang Titi' });
  await center.post(`/api/incidents/${incident}/notes`, { text: 'jembatan putus' });
  const { record, received } = await center.get(`/api/records/${incident}`);

  const raw = await center.ask('GET', `/api/records/${incident}/automerge`);
  const document = Automerge.load(new Uint8Array(await raw.arrayBuffer()));

  assert.equal(hex(document.id), record.id.replaceAll('-', ''));
  assert.equal(plain(document.kind), 'incident');
  const entries = entriesOf(document);
  const of = (kind) => entries.filter((entry) => entry.kind === kind);
  assert.equal(of('opened')[0].narrative, record.narrative);
  assert.equal(of('category')[0].category, record.category.value);
  assert.equal(of('priority')[0].priority, record.priority);
  assert.equal(of('place')[0].village, record.place.value.village);
  assert.equal(of('place')[0].landmark, record.place.value.landmark);
  assert.deepEqual(of('note').map((note) => note.text).sort(), record.notes.map((note) => note.text).sort());
  assert.deepEqual(of('note').map((note) => note.id).sort(), record.notes.map((note) => note.author.entry).sort());
  assert.deepEqual([...Automerge.getHeads(document)].sort(), received.heads);
  assert.equal(Automerge.getAllChanges(document).length, received.change_count);
});

test('every record of the regency opens', async () => {
  const incidents = await center.get('/api/incidents?state=all');

  for (const { id } of incidents) {
    const raw = await center.ask('GET', `/api/records/${id}/automerge`);
    const document = Automerge.load(new Uint8Array(await raw.arrayBuffer()));
    assert.equal(hex(document.id), id.replaceAll('-', ''));
  }
});
