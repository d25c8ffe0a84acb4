// tus-js-client as somebody's browser or program uploads with it. `tus.rs`, among the black-box tests, starts it:
//
//     node tus.mjs FOLDER-OF-NODE_MODULES ENDPOINT AUTHORIZATION FILE NAME [STOP-AFTER]
//
// It tells its progress and how it ended, a line each. With STOP-AFTER it breaks off after so many bytes and goes on with a new upload
// object, as a page that was loaded again does.
import { createRequire } from 'node:module';
import { createReadStream, statSync } from 'node:fs';

const [folder, endpoint, authorization, file, name, stop] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const tus = require('tus-js-client');

const tell = (...words) => process.stdout.write(`${words.join(' ')}\n`);
const uploadSize = statSync(file).size;

function upload(uploadUrl, stopAfter) {
  const options = {
    endpoint,
    uploadUrl,
    uploadSize,
    chunkSize: 64 * 1024,
    retryDelays: null,
    headers: { Authorization: authorization },
    metadata: { filename: name, filetype: 'text/plain', visibility: 'public' },
    onError: (error) => {
      tell('failed', error.message);
      process.exit(1);
    },
    onChunkComplete: (size, accepted) => {
      tell('accepted', accepted);
      if (stopAfter && accepted >= stopAfter && accepted < uploadSize) {
        one.abort().then(() => {
          tell('broken off');
          upload(one.url, undefined);
        });
      }
    },
    onSuccess: () => {
      tell('done', one.url);
      process.exit(0);
    },
  };
  const one = new tus.Upload(createReadStream(file), options);
  one.start();
}

upload(undefined, stop && Number(stop));
