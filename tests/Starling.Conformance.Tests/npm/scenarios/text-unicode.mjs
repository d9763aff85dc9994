// Random texts and operations, and what the npm package ot-text-unicode makes of them: one JSON line for each case.
import { createRequire } from 'node:module';
const { type } = createRequire(import.meta.url)('ot-text-unicode');

let state = Number(process.argv[2]);
const random = (count) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % count;
};
const pick = (list) => list[random(list.length)];
const words = ['a', 'bc', 'def\n', '😀', 'é', '"\\', '👩‍👩‍👧', '\u0001\u001f', '漢字', ' ', '\u2028', 'x😀y', 'long text '.repeat(3)];

const createDocument = () => Array.from({ length: random(8) }, () => pick(words)).join('');
const createOperation = (document) => {
  let rest = [...document];
  const operation = [];
  for (let i = random(7); i > 0; i--) {
    const length = random(Math.min(rest.length, 6) + 1);
    const last = operation.at(-1);
    switch (random(4)) {
      case 0:
        operation.push(pick(words));
        break;
      case 1:
        if (length > 0) operation.push({ d: random(2) ? length : rest.slice(0, length).join('') });
        rest = rest.slice(length);
        break;
      default:
        if (length > 0 && typeof last !== 'number') {
          operation.push(length);
          rest = rest.slice(length);
        }
    }
  }
  if (typeof operation.at(-1) === 'number') operation.pop();
  return type.normalize(operation);
};

for (let i = Number(process.argv[3]); i > 0; i--) {
  const document = createDocument();
  const [a, b] = [createOperation(document), createOperation(document)];
  const after = type.apply(document, a);
  const c = createOperation(after);
  const cursor = random([...document].length + 1);
  const selection = [random([...document].length + 1), random([...document].length + 1)];
  // The original's builder changes deletes that it joins, so each call gets a copy.
  const copy = (operation) => JSON.parse(JSON.stringify(operation));
  console.log(JSON.stringify({
    document, a, b, c, cursor, selection,
    afterA: after,
    left: type.transform(copy(a), copy(b), 'left'),
    right: type.transform(copy(a), copy(b), 'right'),
    composed: type.compose(copy(a), copy(c)),
    inverted: type.invertWithDoc(copy(a), document),
    movedCursor: type.transformSelection(cursor, a),
    movedSelection: type.transformSelection(selection, a),
  }));
}
