import type { AddressInfo } from 'node:net';

interface Listening {
  address(): AddressInfo | string | null;
}

/**
 * Writes the ports as a line of JSON to standard output, which tells `startServer` that the server is ready.
 */
export function tellPorts(servers: Readonly<Record<string, Listening>>): void {
  const ports = Object.entries(servers).map(([name, server]) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error(`${name} does not listen`);
    return [name, address.port] as const;
  });
  process.stdout.write(`${JSON.stringify(Object.fromEntries(ports))}\n`);
}
