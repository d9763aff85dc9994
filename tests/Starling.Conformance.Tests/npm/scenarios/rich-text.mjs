// Random documents and operations, and what the npm packages rich-text and quill-delta make of them: one JSON line for each case.
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const { type } = require('rich-text');
const Delta = require('quill-delta').default ?? require('quill-delta');

let state = Number(process.argv[2]);
const random = (count) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % count;
};
const pick = (list) => list[random(list.length)];
const words = ['a', 'bc', 'def\n', '😀', 'é', '"\\', '\ud83d', '\ude00x', '\u0001\u001f', '漢字', ' ', '\u2028', 'long text '.repeat(3)];
const attributes = (withNull) => {
  const result = {};
  for (let i = random(3); i > 0; i--) {
    const key = pick(['bold', 'color', 'link', '2', '10', 'x"y']);
    result[key] = pick([true, 'red', 1, 0.1, 1e21, -0, { b: 1, a: [1, 2] }, ...(withNull ? [null] : [])]);
  }
  return Object.keys(result).length > 0 ? result : undefined;
};
const insert = (delta) =>
  delta.insert(random(6) === 0 ? pick([{ image: 'x.png' }, { video: { src: 'y', 1: 2, 0: 3 } }]) : pick(words), attributes(false));
const createDocument = () => {
  const delta = new Delta();
  for (let i = random(8); i > 0; i--) insert(delta);
  return delta;
};
// A document after one change whose place is in no doubt: the text of an insert is nowhere else, and what is deleted is at an end of the text.
const createNeighbour = (document) => {
  const length = document.length();
  const at = random(length + 1);
  switch (random(4)) {
    case 0: return document.compose(new Delta().retain(at).insert('\u00a7\u00b6', attributes(false)));
    case 1: return document.compose(new Delta().retain(at).retain(random(length - at + 1), attributes(true)));
    case 2: return document.slice(0, at);
    default: return document.concat(new Delta().insert('\u00a7', attributes(false)));
  }
};
const createOperation = (document) => {
  const delta = new Delta();
  let rest = document.length();
  for (let i = random(6) + 1; i > 0; i--) {
    const length = random(rest + 1);
    const what = random(4);
    if (what === 0) {
      insert(delta);
    } else if (what === 1 && length > 0) {
      delta.delete(length);
      rest -= length;
    } else if (length > 0) {
      delta.retain(length, what === 2 ? attributes(true) : undefined);
      rest -= length;
    }
  }
  return delta.chop();
};

for (let i = Number(process.argv[3]); i > 0; i--) {
  const document = createDocument();
  const [a, b] = [createOperation(document), createOperation(document)];
  const after = type.apply(document, a);
  const c = createOperation(after);
  const neighbour = createNeighbour(document);
  const range = { index: random(document.length() + 1), length: random(4), name: 'é' };
  console.log(JSON.stringify({
    document, a, b, c, range,
    afterA: after,
    left: type.transform(a, b, 'left'),
    right: type.transform(a, b, 'right'),
    composed: type.compose(a, c),
    inverted: a.invert(document),
    neighbour,
    // With halves of surrogate pairs the original's diff may not end.
    neighbourDiff: [document, neighbour].every((delta) => delta.ops.every(({ insert }) => typeof insert !== 'string' || insert.isWellFormed()))
      ? document.diff(neighbour) : null,
    own: type.transformPresence(range, a, true),
    others: type.transformPresence(range, a, false),
  }));
}
