// Random documents and operations, and what the npm package ot-json0 makes of them: one JSON line for each case. Where it throws, 'error'.
import { createRequire } from 'node:module';
const { type } = createRequire(import.meta.url)('ot-json0');

let state = Number(process.argv[2]);
const random = (count) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % count;
};
const pick = (list) => list[random(list.length)];
const clone = (value) => JSON.parse(JSON.stringify(value));
const words = ['a', 'bc', 'def\n', '😀', 'é', '"\\', '\ud83d', '\ude00x', '\u0001\u001f', '漢字', '', 'long text '.repeat(3)];
const keys = ['a', 'b', 'c', '10', '2', 'x"y', ''];

const createValue = (depth) => {
  switch (random(depth > 2 ? 5 : 9)) {
    case 0: return pick([null, true, false]);
    case 1: return pick([0, 1, -1, 0.1, 1e21, 123456789012, 1e-7]);
    case 2:
    case 3: return pick(words);
    case 4: return random(50);
    case 5:
    case 6: return Array.from({ length: random(5) }, () => createValue(depth + 1));
    default: {
      const result = {};
      for (let i = random(4); i > 0; i--) result[pick(keys)] = createValue(depth + 1);
      return result;
    }
  }
};

// Whether texts are edited by the type text0, or by si and sd; between the two, which do not know of each other, the original does not converge.
let subtype = false;

const createText = (path, text) => {
  const at = random(text.length + 1);
  const steps = random(2) || at === text.length ? [{ p: at, i: pick(words) }] : [{ p: at, d: text.substr(at, 1 + random(4)) }];
  if (subtype) {
    if (random(3) === 0) steps.push({ p: 0, i: pick(words) });
    return { p: path, t: 'text0', o: steps };
  }
  return { p: [...path, at], ...(steps[0].i === undefined ? { sd: steps[0].d } : { si: steps[0].i }) };
};

// A component that fits the data at a random place.
const createComponent = (data) => {
  let [node, path] = [data, []];
  while (node !== null && typeof node === 'object') {
    const inside = Array.isArray(node) ? [...node.keys()] : Object.keys(node);
    if (inside.length === 0 || random(4) === 0) break;
    path = [...path, pick(inside)];
    node = node[path.at(-1)];
  }
  const place = path.slice(0, -1).reduce((value, key) => value[key], data);
  const inList = path.length > 0 && Array.isArray(place);
  const what = random(6);
  if (inList && what === 0) return { p: path, lm: random(place.length) };
  if (inList && what === 1) return { p: path, ld: node };
  if (inList && what === 2) return { p: path, ld: node, li: createValue(1) };
  if (inList && what === 3) return { p: path, li: createValue(1) };
  if (!inList && what === 0) return { p: path, od: node, oi: createValue(1) };
  if (!inList && what === 1 && path.length > 0) return { p: path, od: node };
  if (typeof node === 'string') return createText(path, node);
  if (typeof node === 'number') return { p: path, na: pick([1, -3, 0.1, 0, 7]) };
  if (Array.isArray(node)) return { p: [...path, node.length], li: createValue(1) };
  if (node !== null && typeof node === 'object') {
    const key = pick(keys);
    return { p: [...path, key], ...(key in node ? { od: node[key] } : {}), oi: createValue(1) };
  }
  return inList ? { p: path, ld: node, li: createValue(1) } : { p: path, od: node, oi: createValue(1) };
};

const createOperation = (document) => {
  let data = clone(document);
  const operation = [];
  for (let i = pick([0, 1, 1, 1, 2, 2, 3, 5]); i > 0; i--) {
    const component = clone(createComponent(data));
    operation.push(component);
    data = type.apply(data, [component]);
  }
  return operation;
};

// Members in one order, so that equal operations are equal bytes.
const names = ['p', 't', 'o', 'na', 'ld', 'li', 'lm', 'od', 'oi', 'sd', 'si'];
const order = (component, of) => Object.fromEntries(of.filter((name) => component[name] !== undefined).map((name) => [name, component[name]]));
const ordered = (operation) => operation.map((component) => {
  const result = order(component, names);
  if (result.o) result.o = result.o.map((step) => order(step, ['p', 'i', 'd']));
  return result;
});
const attempt = (make) => {
  try {
    return make();
  } catch {
    return 'error';
  }
};
const operation = (make) => attempt(() => ordered(make()));

const write = (document, a, b, c) => {
  const after = type.apply(clone(document), a);
  console.log(JSON.stringify({
    document, a: ordered(a), b: ordered(b), c: ordered(c),
    afterA: after,
    left: operation(() => type.transform(clone(a), clone(b), 'left')),
    right: operation(() => type.transform(clone(a), clone(b), 'right')),
    composed: operation(() => type.compose(clone(a), clone(c))),
    normalized: operation(() => type.normalize(clone(a))),
    inverted: operation(() => type.invert(clone(a))),
  }));
};

// Everything that can be done to a short list and to what is in it, against everything.
const writeLists = () => {
  const list = [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }];
  const steps = list.flatMap((item, i) => [
    ...list.map((_, to) => ({ p: [i], lm: to })),
    { p: [i], ld: item }, { p: [i], ld: item, li: 'new' }, { p: [i], li: 'x' },
    { p: [i, 'n'], na: 1 }, { p: [i, 'n'], od: i }, { p: [i, 'n'], od: i, oi: 's' }, { p: [i, 'm'], oi: 5 },
  ]);
  steps.push({ p: [4], li: 'end' });
  for (const a of steps) for (const b of steps) write(list, [a], [b], []);
};

const writeRandom = () => {
  subtype = random(3) === 0;
  const document = random(5) === 0 ? createValue(0) : { a: createValue(0), b: [createValue(1), createValue(1), createValue(1)], c: pick(words), 10: random(9) };
  const [a, b] = [createOperation(document), createOperation(document)];
  write(document, a, b, createOperation(type.apply(clone(document), a)));
};

if (process.argv[2] === 'lists') writeLists();
for (let i = Number(process.argv[3]); i > 0; i--) writeRandom();
