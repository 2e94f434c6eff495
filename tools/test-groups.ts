/**
 * Groups test files into shared processes: AVA starts a process for each file it is given, which takes as
 * long as most files' tests. So it is given generated files that each import several test files of a folder.
 * Every test file is in a group, or runs alone for a reason that is found in its text.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Signs in its text that a test file needs a process of its own. */
const alone = [
  // Steps or moved items are counted for the whole process.
  /helpers\/(?:steps|items-moved)\.js/,
  // Replaces connect, timers, random numbers or the environment for all modules.
  /helpers\/public-addresses\.js|mock\.timers|Error\.prepareStackTrace =|globalThis\.\w+ =|assign\((?:globalThis|tls)|Math\.random =|process\.env\[[^\]]+\] =/,
  // Replaces a function of Node's modules, or sets flags of V8.
  /^\s*(?:tls|dns|net|fs|http|https|os|dgram|crypto|zlib)\.\w+ = |setFlagsFromString/m,
  // Looks at warnings, rejections, threads, memory, sockets or timers of the whole process.
  /process\.on\(|startedWorkers|process\.memoryUsage|getActiveResourcesInfo/,
  // Hooks before and after each test would apply to the other files' tests too.
  /test\.(?:before|after)Each/,
];

/**
 * Signs of tests that use servers or commands and mostly wait for other processes, so several can run at a
 * time.
 */
const waits =
  /helpers\/(?:cli|running|shell|server|full-listener|proxy|fetch|fleet|redis)\.js|node:(?:net|tls|https?|child_process)'/;

/**
 * Signs of tests that count questions to a name server: a late answer makes the client ask again, so they
 * must not be slowed down.
 */
const asksAgain = /helpers\/(?:name-server|names)\.js/;

/** Most files per process. */
const most = 12;

/** Folders with fewer files of a kind do not get their own process, but share one with other such folders. */
const fewest = 3;

/** Suffix of groups whose tests mostly wait. */
const waiting = '-waits';

const tests = 'dist/test';
const groups = 'dist/test-groups';

/**
 * Writes the group files. Returns the files for AVA to run: the groups, and the test files that run alone.
 */
export function testGroups(): string[] {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js'))
    .toSorted();
  const byFolder = new Map<string, string[]>();
  const lonely: string[] = [];
  for (const file of files) {
    const text = readFileSync(join(tests, file), 'utf8');
    if (alone.some((sign) => sign.test(text))) lonely.push(join(tests, file));
    else {
      const folder = file.includes(sep) ? file.slice(0, file.indexOf(sep)) : 'rest';
      const group = folder + (waits.test(text) && !asksAgain.test(text) ? waiting : '');
      byFolder.set(group, [...(byFolder.get(group) ?? []), file]);
    }
  }
  rmSync(groups, { recursive: true, force: true });
  mkdirSync(groups, { recursive: true });
  const written = [...joined(byFolder)].flatMap(([folder, members]) => writeGroups(folder, members));
  return [...written, ...lonely];
}

/** Merges the files of small folders. */
function joined(byFolder: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const joint = new Map<string, string[]>();
  for (const [folder, members] of byFolder) {
    const small = folder.endsWith(waiting) ? `several${waiting}` : 'several';
    const name = members.length < fewest ? small : folder;
    joint.set(name, [...(joint.get(name) ?? []), ...members]);
  }
  return joint;
}

/** Splits one folder into groups of about equal size. */
function writeGroups(folder: string, members: readonly string[]): string[] {
  const count = Math.ceil(members.length / most);
  // Tests that compute or have timers run one at a time: another test's computing would make timers late.
  const atOnce = folder.endsWith(waiting) ? 8 : 1;
  return Array.from({ length: count }, (_, group) => {
    const path = join(groups, `${folder}-${group + 1}.test.js`);
    const own = members.filter((_file, index) => index % count === group);
    writeFileSync(path, textOf(own, atOnce));
    return path;
  });
}

function textOf(members: readonly string[], atOnce: number): string {
  const loads = members.map(
    (file) => `  '${file.replace(/\.test\.js$/, '')}': () => import('../test/${file}'),\n`,
  );
  return `import { group } from '../test/helpers/group.js';\n\nconst files = {\n${loads.join('')}};\nawait group(files, ${atOnce});\n`;
}
