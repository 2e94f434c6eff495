/**
 * Whether the running version of Node meets `engines` in package.json (`>=major.minor`). This file must load on any Node
 * that knows modules.
 */
export function isSupported(running: string, required: string): boolean {
  const [major = 0, minor = 0] = numbersOf(running);
  const [leastMajor = 0, leastMinor = 0] = numbersOf(required);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
