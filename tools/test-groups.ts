/**
 * Test files that share a process: AVA starts one for each file that it is given, which takes as long as most files. So
 * it is given one file for some of a folder, which imports them. Every test file is in one, or stands alone for a
 * reason that its text shows.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** What a test file cannot have to itself while others run in its process. */
const alone = [
  // Every step of the process is counted, and every moved item.
  /helpers\/(?:steps|items-moved)\.js/,
  // All modules see another connect, other timers, other random numbers, another environment.
  /helpers\/public-addresses\.js|mock\.timers|Error\.prepareStackTrace =|globalThis\.\w+ =|assign\((?:globalThis|tls)|Math\.random =|process\.env\[[^\]]+\] =/,
  // So do they see a function of Node's modules that is replaced, and the flags of V8.
  /^\s*(?:tls|dns|net|fs|http|https|os|dgram|crypto|zlib)\.\w+ = |setFlagsFromString/m,
  // Warnings and rejections, threads, memory, sockets and timers are those of the process.
  /process\.on\(|startedWorkers|process\.memoryUsage|getActiveResourcesInfo/,
  // Hooks before and behind each test are those of one file.
  /test\.(?:before|after)Each/,
];

/** Servers and commands: their tests wait for one another's processes, so several run at one time. */
const waits =
  /helpers\/(?:cli|running|shell|server|full-listener|proxy|fetch|fleet|redis)\.js|node:(?:net|tls|https?|child_process)'/;

/** But not where a name is asked for again when the answer comes late, and the questions are counted. */
const asksAgain = /helpers\/(?:name-server|names)\.js/;

/** Files that share a process. */
const most = 12;

/** A folder with fewer of a kind has no process to itself: they share one with those of other such folders. */
const fewest = 3;

/** How the names of groups end whose tests wait. */
const waiting = '-waits';

const tests = 'dist/test';
const groups = 'dist/test-groups';

/** Writes the groups. Gives the files that AVA is to run: groups, and test files that stand alone. */
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

/** With the files of small folders together. */
function joined(byFolder: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const joint = new Map<string, string[]>();
  for (const [folder, members] of byFolder) {
    const small = folder.endsWith(waiting) ? `several${waiting}` : 'several';
    const name = members.length < fewest ? small : folder;
    joint.set(name, [...(joint.get(name) ?? []), ...members]);
  }
  return joint;
}

/** As many groups of one folder as it takes, of like size. */
function writeGroups(folder: string, members: readonly string[]): string[] {
  const count = Math.ceil(members.length / most);
  // Those that compute, or have timers, run alone: what another test computes meanwhile would make timers late.
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
