// Serves the pages of WARC files as they once were: node replay.mjs archive/*.warc.gz
// Ask for them by their names: curl --connect-to ::127.0.0.1:PORT http://www.example.org/page
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** The fields of a head, in lower case. */
function fieldsOf(head) {
  const fields = head.split('\r\n').slice(1);
  return new Map(
    fields.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** Each record is its head, an empty line, so many bytes, and two line ends. */
function* recordsOf(file) {
  const bytes = gunzipSync(readFileSync(file));
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    const fields = fieldsOf(bytes.toString('utf8', at, end));
    const from = end + 4;
    const to = from + Number(fields.get('content-length'));
    yield { fields, block: bytes.subarray(from, to) };
    at = to + 4;
  }
}

/** What servers sent, by URL: status line, headers and body. */
const responses = new Map();
for (const file of process.argv.slice(2)) {
  for (const { fields, block } of recordsOf(file)) {
    if (fields.get('warc-type') === 'response') responses.set(fields.get('warc-target-uri'), block);
  }
}

const missing = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (request) => {
    const head = request.toString('latin1');
    const [, path] = head.split(' ');
    socket.end(responses.get(`http://${fieldsOf(head).get('host')}${path}`) ?? missing);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`${responses.size} pages on port ${server.address().port}`);
});
