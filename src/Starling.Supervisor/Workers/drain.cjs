'use strict';

// Node loads this before a script of exec_mode "cluster". When the supervisor is about to stop the process by a signal that the script does not handle, the HTTP
// servers stop accepting, say in each answer that the connection closes, and close idle connections after a while; then the signal comes.
const cluster = require('node:cluster');
const net = require('node:net');

if (cluster.isWorker && process.send) {
  const servers = new Set();
  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function (...args) {
    servers.add(this);
    this.once('close', () => servers.delete(this));
    return listen.apply(this, args);
  };

  // Scripts may replace or wrap it.
  const send = process.send;
  const tell = state => {
    try {
      send.call(process, { type: 'starling:drain', state }, undefined, undefined, () => {});
    } catch {
      // The channel is closed.
    }
  };

  // The package signal-exit listens to signals and, if nothing else does, ends the process by them: that is not a handler.
  const isHandled = signal => {
    const helpers = [process.__signal_exit_emitter__, globalThis[Symbol.for('signal-exit emitter')]];
    const passive = helpers.reduce((count, helper) => count + (Number(helper?.count) || 0), 0);
    return process.listenerCount(signal) > passive;
  };

  const closeConnections = () => {
    const { ServerResponse } = require('node:http');
    const { writeHead } = ServerResponse.prototype;
    ServerResponse.prototype.writeHead = function (...args) {
      this.shouldKeepAlive = false;
      return writeHead.apply(this, args);
    };
  };

  const drain = idle => {
    const open = [...servers].filter(server => server.listening);
    let left = open.length;
    if (left === 0) {
      tell('drained');
    }

    for (const server of open) {
      // Node closes idle connections in close(); here they may bring one more request first.
      const { closeIdleConnections } = server;
      if (closeIdleConnections) {
        server.closeIdleConnections = () => {};
        setTimeout(() => setInterval(() => closeIdleConnections.call(server), 50).unref(), idle).unref();
      }

      server.close(() => {
        if (--left === 0) {
          tell('drained');
        }
      });
    }
  };

  let begun = false;
  process.on('internalMessage', message => {
    if (message?.cmd !== 'NODE_STARLING_DRAIN' || begun) {
      return;
    }

    begun = true;
    const handled = isHandled(message.signal);
    closeConnections();
    tell(handled ? 'handled' : 'draining');
    if (!handled) {
      drain(message.idle);
    }
  });
}
