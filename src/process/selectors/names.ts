/** The kinds of arguments of pseudo-classes. */
export type Argument = 'list' | 'forgiving' | 'relative' | 'nth' | 'words' | 'text';

export const argumentOf: ReadonlyMap<string, Argument> = new Map([
  ['is', 'forgiving'],
  ['where', 'forgiving'],
  ['matches', 'list'],
  ['-webkit-any', 'list'],
  ['not', 'list'],
  ['has', 'relative'],
  ['nth-child', 'nth'],
  ['nth-last-child', 'nth'],
  ['nth-of-type', 'nth'],
  ['nth-last-of-type', 'nth'],
  ['lang', 'words'],
  ['dir', 'words'],
  ['state', 'words'],
  ['contains', 'text'],
  ['icontains', 'text'],
]);

/** Pseudo-classes that depend on a user or a script. They are valid and never match. */
export const neverTrue: ReadonlySet<string> = new Set(
  (
    'active autofill -webkit-autofill focus focus-visible focus-within fullscreen -webkit-full-screen hover modal ' +
    'paused picture-in-picture playing popover-open seeking stalled buffering muted volume-locked target ' +
    'target-current user-invalid user-valid visited host xr-overlay'
  ).split(' '),
);

/** Pseudo-classes without arguments. */
export const plain: ReadonlySet<string> = new Set([
  ...(
    'root scope empty first-child last-child only-child first-of-type last-of-type only-of-type any-link checked ' +
    'default indeterminate disabled enabled required optional read-only read-write placeholder-shown valid invalid ' +
    'in-range out-of-range defined open'
  ).split(' '),
  ...neverTrue,
]);

/** Pseudo-classes that stand for other selectors: older names, and those of jQuery. */
export const aliases: ReadonlyMap<string, string> = new Map([
  ['link', ':any-link'],
  ['-webkit-any-link', ':any-link'],
  ['parent', ':not(:empty)'],
  ['header', ':is(h1, h2, h3, h4, h5, h6)'],
  ['button', ':is(button, input[type=button])'],
  ['input', ':is(input, textarea, select, button)'],
  ['text', 'input:is([type=text], :not([type]), [type=""])'],
  ['selected', 'option:checked'],
  ...['checkbox', 'file', 'image', 'password', 'radio', 'reset', 'submit'].map(
    (type) => [type, `[type=${type}]`] as const,
  ),
]);

/** Pseudo-elements that may also be written with one colon. They never match an element. */
export const pseudoElements: ReadonlySet<string> = new Set(['before', 'after', 'first-line', 'first-letter']);
