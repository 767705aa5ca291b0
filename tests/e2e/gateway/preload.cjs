// Loaded into the gateway before its own code. It keeps the gateway on this machine:
// - it listens on 127.0.0.1 alone, where it would listen on every address;
// - it reaches loopback alone: hosts named in PORTKEY_FT_E2E_HOSTS are mapped to a back end there, all others refused.
// The variable holds JSON: {"api.openai.com": "http://127.0.0.1:1234", ".amazonaws.com": "http://127.0.0.1:1234"}.
// A name that begins with a dot stands for every host that ends in it. The back end finds the host that was meant in
// the first segment of the path.
'use strict';

const net = require('node:net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...given) {
  const [where] = given;
  const done = given.find((argument) => typeof argument === 'function');
  if (where !== null && typeof where === 'object' && 'port' in where) {
    return listen.call(this, { ...where, host: '127.0.0.1' }, done);
  }
  return listen.call(this, { port: Number(where) || 0, host: '127.0.0.1' }, done);
};

const hosts = Object.entries(JSON.parse(process.env.PORTKEY_FT_E2E_HOSTS || '{}'));

function mapped(url) {
  if (['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
    return url.href;
  }
  const found = hosts.find(([name]) => url.hostname === name || (name.startsWith('.') && url.hostname.endsWith(name)));
  if (found === undefined) {
    throw new TypeError(`no back end stands for ${url.hostname}`);
  }
  return `${found[1]}/${url.hostname}${url.pathname}${url.search}`;
}

const fetchFromNetwork = globalThis.fetch;
globalThis.fetch = async function (resource, options) {
  if (resource instanceof Request) {
    return fetchFromNetwork(new Request(mapped(new URL(resource.url)), resource), options);
  }
  return fetchFromNetwork(mapped(new URL(resource)), options);
};

// Whoever started the gateway holds the other end of its standard input: when that is gone, so is the gateway.
process.stdin.on('end', () => process.exit()).resume();
