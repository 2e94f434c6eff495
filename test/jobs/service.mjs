// A service that checks lists: POST one to it as CSV, and the results come back as JSON Lines while they are there. Any
// number of lists at the same time; together they are one client to each host.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { fetchUrls, readUrls, sharedLimits, writeResults } from 'urlmill';

const limits = sharedLimits({ concurrency: 20, perHost: 4 });

const server = createServer(async (request, response) => {
  const gone = new AbortController();
  const { signal } = gone;
  response.once('close', () => gone.abort());
  response.setHeader('content-type', 'application/jsonl');
  // Waits for a slow reader; the fetching then waits too.
  const send = async (lines) => {
    for await (const line of lines) if (!response.write(line)) await once(response, 'drain', { signal });
  };
  try {
    await pipeline(
      request,
      readUrls(),
      fetchUrls({ limits, timeout: '10s', extract: 'title', signal }),
      writeResults({ outputFormat: 'jsonl', columns: 'status,error', processed: ['fetch_title'] }),
      send,
      { signal },
    );
    response.end();
  } catch (error) {
    console.error(`a list was cut short: ${error.message}`);
    if (response.headersSent) response.destroy();
    else response.writeHead(400).end(`${error.message}\n`);
  }
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
