/**
 * Whether the Node that runs is at least the one that `engines` of package.json asks for (`>=major.minor`).
 * Imported before everything else: it must load on every Node that knows modules.
 */
export function isSupported(running: string, required: string): boolean {
  const [major = 0, minor = 0] = numbersOf(running);
  const [leastMajor = 0, leastMinor = 0] = numbersOf(required);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
