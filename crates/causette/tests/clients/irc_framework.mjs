// irc-framework as a client of the server under test. It does what the lines on its standard input say, and writes what happens,
// a line each, to its standard output. `irc_framework.rs`, among the black-box tests, starts and drives it:
//
//     node irc_framework.mjs FOLDER-OF-NODE_MODULES tcp|websocket PORT NICK [PASSWORD]
//
// CAUSETTE_TEST_CAPABILITIES names what it asks for beside what irc-framework asks for by itself.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [folder, transport, port, nick, password] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const IRC = require('irc-framework');

const options = { host: '127.0.0.1', port, nick, username: nick, gecos: nick, auto_reconnect: true, enable_echomessage: true };
if (password) {
  options.account = { account: nick, password };
}
if (transport === 'websocket') {
  // The transport that irc-framework uses in a browser, which finds there what `ws` gives it here.
  globalThis.WebSocket = require('ws');
  options.transport = require('irc-framework/src/transports/websocket');
  options.path = '/ws';
}

const tell = (...words) => process.stdout.write(`${words.join(' ')}\n`);

const client = new IRC.Client();
client.requestCap('draft/chathistory');
client.requestCap((process.env.CAUSETTE_TEST_CAPABILITIES ?? '').split(' ').filter(Boolean));
client.on('socket connected', () => tell('connected', client.connection.transport.socket.protocol ?? transport));
client.on('socket error', (error) => tell('socket error', error.message));
client.on('registered', (event) => {
  tell('registered', event.nick);
  // How old a connection must be for irc-framework to make another one when it is lost.
  setTimeout(() => tell('settled'), 5100);
});
client.on('reconnecting', () => tell('reconnecting'));
client.on('loggedin', (event) => tell('signed in', event.account));
client.on('sasl failed', (event) => tell('not signed in', event.reason, event.message));
client.on('join', (event) => tell('joined', event.nick, event.channel));
client.on('privmsg', (event) =>
  tell(event.batch?.type === 'chathistory' ? 'history' : 'said', event.nick, event.target, event.message));
client.on('action', (event) =>
  tell(event.batch?.type === 'chathistory' ? 'history of an action' : 'action', event.nick, event.target, event.message));
// A reaction, and one that is taken back, live or out of the past.
client.on('tagmsg', (event) => {
  const { tags } = event;
  const reaction = tags['+draft/react'] ?? tags['+draft/unreact'];
  if (reaction) {
    const when = event.batch?.type === 'chathistory' ? 'history of a reaction' : 'reaction';
    tell(when, event.nick, event.target, '+draft/react' in tags ? 'gives' : 'takes', reaction);
  }
});
// What people and rooms say of themselves: irc-framework hands on what it has no event for.
client.on('unknown command', ({ command, params }) => {
  if (command === '761') {
    tell('metadata', params[1], params[2], params.at(-1));
  } else if (command === '766') {
    tell('no metadata', params[1], params[2]);
  } else if (command === 'RENAME') {
    tell('renamed', ...params);
  }
});
client.on('notice', (event) => tell('notice', event.nick, event.target, event.message));
client.on('batch end chathistory', (batch) => tell('end of history', ...batch.params));
client.on('close', () => {
  tell('closed');
  process.exit();
});

const orders = {
  join: ([channel]) => client.join(channel),
  say: ([target, ...text]) => client.say(target, text.join(' ')),
  raw: (words) => client.raw(words.join(' ')),
  quit: () => client.quit(),
};
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [order, ...words] = line.split(' ');
  orders[order](words);
});
// Whoever drives it is gone.
input.on('close', () => process.exit());

client.connect(options);
