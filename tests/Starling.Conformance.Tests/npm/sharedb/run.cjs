// Runs one file of ShareDB's own tests against a server and writes what became of each test as JSON:
//   SHAREDB_URL=ws://host:port/ node run.cjs client/submit
'use strict';
const Module = require('module');
const path = require('path');

const root = path.dirname(require.resolve('sharedb/package.json'));
const backendFile = path.join(root, 'lib', 'backend.js');
const { Backend, unsupported } = require('./backend.cjs');

const load = Module._load;
Module._load = function (request, parent, isMain) {
  if (request === 'ot-json0-v2') return load.call(this, 'ot-json0', parent, isMain); // lives in no registry; its tests are skipped
  if (request.endsWith('lib/backend') && Module._resolveFilename(request, parent) === backendFile) return Backend;
  return load.call(this, request, parent, isMain);
};

const { default: Mocha } = require('mocha');
const { Runnable } = Mocha;
const run = Runnable.prototype.run;
Runnable.prototype.run = function (done) {
  const runnable = this;
  const test = runnable.type === 'test' ? runnable : runnable.ctx && runnable.ctx.currentTest;
  if (runnable.type === 'test' && test.fullTitle().includes('json0v2')) unsupported.reason = 'ot-json0-v2 is in no registry';
  run.call(runnable, (error) => {
    if (error && unsupported.reason && test) {
      test.pending = true;
      test.why = unsupported.reason;
      error = undefined;
    }
    done(error);
  });
};

// What a test spies on in its own process, a server elsewhere does not call.
const sinon = require('sinon');
const inProcess = ['db/memory', 'milestone-db/memory'].map((name) => require(path.join(root, 'lib', name)));
for (const kind of ['spy', 'stub']) {
  const original = sinon[kind];
  sinon[kind] = Object.assign((object, ...rest) => {
    if (inProcess.some((type) => object instanceof type)) unsupported.reason = unsupported.reason || `sinon.${kind} on a database`;
    return original.call(sinon, object, ...rest);
  }, original);
}

const file = process.argv[2];
const mocha = new Mocha({ timeout: 4000, reporter: function Silent() {}, retries: 0, ui: 'bdd' });
mocha.suite.emit('pre-require', global, null, mocha);
require(path.join(root, 'test', 'setup.js'));
if (['query-subscribe', 'query', 'projections', 'submit', 'submit-json1', 'subscribe'].some((name) => file === 'client/' + name)) {
  global.describe('db', function () {
    global.beforeEach(function () {
      this.backend = new Backend();
    });
    global.afterEach(function (done) {
      this.backend.close(done);
    });
    require(path.join(root, 'test', file))({ getQuery });
  });
} else {
  require(path.join(root, 'test', file));
}

function getQuery(options) {
  const query = {};
  if (options.query) query.filter = options.query;
  if (options.sort) query.sort = options.sort;
  return query;
}

const results = [];
const runner = mocha.run((failures) => {
  process.stdout.write(JSON.stringify(results) + '\n', () => process.exit(0));
});
runner.on('test', () => { unsupported.reason = null; });
runner.on('pass', (test) => results.push({ title: test.fullTitle(), state: 'pass' }));
runner.on('fail', (test, error) => results.push(unsupported.reason ? { title: test.fullTitle(), state: 'skip', why: unsupported.reason } : { title: test.fullTitle(), state: 'fail', why: String(error && error.stack || error).slice(0, 600) }));
runner.on('pending', (test) => results.push({ title: test.fullTitle(), state: 'skip', why: test.why || 'skipped by the suite' }));
