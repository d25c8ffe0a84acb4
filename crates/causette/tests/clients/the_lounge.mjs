// The Lounge, and before it somebody with its page open: what this process tells it is what the page would. It does what the lines
// on its standard input say, and writes what happens, a line each, to its standard output. `the_lounge.rs`, among the black-box
// tests, starts and drives it, with the Node.js that The Lounge wants and THELOUNGE_HOME in its environment:
//
//     node the_lounge.mjs FOLDER-OF-NODE_MODULES PORT-OF-THE-LOUNGE PORT-OF-THE-SERVER
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [folder, page, port] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { io } = require('socket.io-client');

const tell = (...words) => process.stdout.write(`${words.join(' ')}\n`);

// It would ask GitHub whether there is a newer one.
require('thelounge/dist/server/plugins/changelog.js').default.checkForUpdates = () => {};
// Its command line is `thelounge start`.
process.argv.splice(2, Infinity, 'start');
require('thelounge/index.js');

// The page, open in a browser: what is written where has the number of its window.
const socket = io(`http://127.0.0.1:${page}`, { reconnectionDelay: 50, reconnectionDelayMax: 50 });
const windows = new Map();
const open = (window) => windows.set(window.id, window.name);
socket.on('init', () => tell('ready'));
socket.on('network', ({ network }) => network.channels.forEach(open));
socket.on('join', ({ chan }) => open(chan));
socket.on('channel:state', ({ chan, state }) => tell(state ? 'in' : 'out of', windows.get(chan)));
socket.on('msg', ({ chan, msg }) => tell(msg.type, msg.from?.nick ?? '-', windows.get(chan), msg.text));

const orders = {
  connect: ([nick, password]) => socket.emit('network:new', {
    name: 'causette', host: '127.0.0.1', port, tls: true, rejectUnauthorized: false, nick, username: nick, realname: nick,
    ...(password && { sasl: 'plain', saslAccount: nick, saslPassword: password }),
  }),
  type: ([name, ...text]) => {
    const [id] = [...windows].findLast(([, window]) => window === name);
    socket.emit('input', { target: id, text: text.join(' ') });
  },
};
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [order, ...words] = line.split(' ');
  orders[order](words);
});
// Whoever drives it is gone.
input.on('close', () => process.exit());
