// Stands in for sharedb/lib/backend in ShareDB's own tests: connections go over WebSockets to a server elsewhere, each backend to a server
// of its own. What can only be had inside of one process marks the running test as unsupported and throws.
'use strict';
const Connection = require('sharedb/lib/client/connection');
const { WebSocket } = require('ws');

const url = process.env.SHAREDB_URL;
let count = 0;
const realNow = Date.now;
const real = { setTimeout, clearTimeout, setImmediate };

/** Why the running test cannot be run against another process; the runner resets it. */
const unsupported = { reason: null };

function refuse(what) {
  unsupported.reason = unsupported.reason || what;
  throw new Error('unsupported: ' + what);
}

/** An object that refuses whatever is done with it. */
function inProcess(name, allowed = {}) {
  return new Proxy(allowed, {
    get(target, key) {
      if (key in target || typeof key === 'symbol') return target[key];
      return refuse(`${name}.${key}`);
    },
    set: (_, key) => refuse(`${name}.${String(key)} =`),
    has: () => true,
    getOwnPropertyDescriptor: (_, key) => refuse(`${name}.${String(key)}`),
    defineProperty: (_, key) => refuse(`${name}.${String(key)}`),
  });
}

/**
 * In one process whoever sends an operation hears of it before the others do, and tests count on that; over connections of their own the two
 * messages race. So others wait for the answer, a tenth of a second at most.
 */
class Order {
  constructor() {
    this.unanswered = new Map();
  }

  static key(socket, message) {
    return `${message.src || socket.src} ${message.seq}`;
  }

  sent(socket, message) {
    const key = Order.key(socket, message);
    if (!this.unanswered.has(key)) this.unanswered.set(key, new Set());
  }

  answered(socket, message) {
    const key = Order.key(socket, message);
    const waiting = this.unanswered.get(key);
    this.unanswered.delete(key);
    if (waiting) waiting.forEach((go) => go());
  }

  /** Whether the sender has not heard of an operation; if so, goes on when it has. */
  holds(message, goOn) {
    const waiting = this.unanswered.get(`${message.src} ${message.seq}`);
    if (!waiting) return false;
    let done = false;
    const go = () => {
      if (done) return;
      done = true;
      real.clearTimeout(timer);
      real.setImmediate(goOn);
    };
    const timer = real.setTimeout(() => {
      this.unanswered.delete(`${message.src} ${message.seq}`);
      waiting.forEach((other) => other());
    }, 100);
    waiting.add(go);
    return true;
  }
}

/** A WebSocket that may be closed with a reason in words, as the in-process socket of ShareDB may. */
class Socket {
  constructor(address, backend) {
    this.backend = backend;
    this.readyState = 0;
    this.early = [];
    this.inbox = [];
    this.ws = new WebSocket(address);
    this.ws.on('open', () => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      if (this.onopen) this.onopen();
      // In one process a connection is open at once, and tests count on that.
      for (const text of this.early) this.send(text);
    });
    // One message for each turn of the event loop, as in one process; a WebSocket may bring several at once.
    this.ws.on('message', (data) => setImmediate(() => this.receive(String(data))));
    this.ws.on('close', () => this.end('stopped'));
    this.ws.on('error', (error) => {
      if (this.onerror) this.onerror(error);
    });
  }

  receive(data) {
    const message = JSON.parse(data);
    if (message.a === 'hs' || message.a === 'init') this.src = message.id;
    this.inbox.push({ data, message });
    if (this.inbox.length === 1) this.work();
  }

  /** Hands on what has arrived, in its order. */
  work() {
    while (this.inbox.length > 0) {
      const { data, message } = this.inbox[0];
      const isOwn = !message.src || message.src === this.src;
      if (message.a === 'op' && !isOwn && this.backend.order.holds(message, () => this.work())) return;
      this.inbox.shift();
      if (this.readyState === 1) this.backend.receive(this, message, () => this.deliver(data));
      if (message.a === 'op' && isOwn) this.backend.order.answered(this, message);
    }
  }

  deliver(data) {
    if (this.readyState === 1 && this.onmessage) this.onmessage({ data });
  }

  send(text) {
    const message = JSON.parse(text);
    // A test that turns the clock turns that of its server too.
    if (message.a === 'op' && Date.now !== realNow && Date.isFake) message.x = { ...message.x, $now: Date.now() };
    if (this.readyState === 0) this.early.push(text);
    if (this.readyState === 1 && message.a === 'op') this.backend.order.sent(this, message);
    if (this.readyState === 1) this.ws.send(JSON.stringify(message));
  }

  get stream() {
    return refuse('connection.socket.stream');
  }

  close(reason) {
    if (this.readyState === 3) return;
    this.end(reason || 'closed');
    this.ws.close();
  }

  end(reason) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    if (this.onclose) this.onclose(reason);
  }
}

function Backend(options = {}) {
  const settings = {
    presence: !!options.presence,
    doNotCommitNoOps: !!options.doNotCommitNoOps,
    maxSubmitRetries: options.maxSubmitRetries || null,
    milestoneInterval: (options.milestoneDb && options.milestoneDb.interval) || 0,
    projections: [],
  };
  const name = `t${process.pid}-${++count}`;
  const sockets = [];
  const sendPresence = [];
  const self = {
    MIDDLEWARE_ACTIONS: {
      afterWrite: 'afterWrite', apply: 'apply', commit: 'commit', connect: 'connect', op: 'op', query: 'query', readSnapshots: 'readSnapshots',
      receive: 'receive', reply: 'reply', receivePresence: 'receivePresence', sendPresence: 'sendPresence', submit: 'submit',
    },
    SNAPSHOT_TYPES: { current: 'current', byVersion: 'byVersion', byTimestamp: 'byTimestamp' },
    db: inProcess('backend.db'),
    milestoneDb: options.milestoneDb || inProcess('backend.milestoneDb'),
    pubsub: inProcess('backend.pubsub'),
    projections: {},
    order: new Order(),
    connect(connection, req, callback) {
      if (req !== undefined && req !== null && typeof req !== 'function') refuse('connect() with a request');
      const address = `${url}?ns=${name}&cfg=${encodeURIComponent(JSON.stringify(settings))}`;
      const socket = new Socket(address, self);
      sockets.push(socket);
      if (connection) connection.bindToSocket(socket);
      else connection = new Connection(socket);
      Object.defineProperty(connection, 'agent', { configurable: true, get: () => refuse('connection.agent') });
      if (typeof callback === 'function') connection.once('connected', () => callback(connection));
      return connection;
    },
    addProjection(projection, collection, fields) {
      settings.projections.push({ name: projection, collection, fields: Object.keys(fields) });
    },
    use(action, step) {
      // Holding back what a client is sent can be done at the client just as well.
      if (action === 'sendPresence') sendPresence.push(step);
      else refuse(`use('${action}')`);
      return self;
    },
    receive(socket, message, next) {
      if (message.a !== 'p' || message.error || sendPresence.length === 0 || message.src === socket.src) return next();
      const context = { action: 'sendPresence', presence: message, collection: message.c };
      const describe = (error) => (typeof error === 'string' ? { code: 'ERR_UNKNOWN_ERROR', message: error } : { code: error.code, message: error.message });
      const fail = (error) => socket.deliver(JSON.stringify({ a: 'p', ch: message.ch, id: message.id, error: describe(error) }));
      const run = (i) => (i === sendPresence.length ? next() : sendPresence[i](context, (error) => (error ? fail(error) : run(i + 1))));
      return run(0);
    },
    close(callback) {
      for (const socket of sockets) socket.close();
      if (callback) setImmediate(callback);
    },
    on: () => refuse('backend.on'),
    once: () => refuse('backend.once'),
    emit: () => refuse('backend.emit'),
  };
  return new Proxy(self, {
    get(target, key) {
      if (key in target || typeof key === 'symbol') return target[key];
      return refuse(`backend.${key}`);
    },
    set(target, key, value) {
      if (key === 'doNotCommitNoOps') settings.doNotCommitNoOps = !!value;
      else if (key === 'maxSubmitRetries') settings.maxSubmitRetries = value;
      else if (key === 'receive') target.receive = value;
      else return refuse(`backend.${String(key)} =`);
      return true;
    },
  });
}

Backend.prototype = inProcess('Backend.prototype');

module.exports = { Backend, unsupported };
