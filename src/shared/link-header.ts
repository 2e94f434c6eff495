/** A link of the HTTP header Link (RFC 8288). */
export interface HeaderLink {
  /** The URL as it is written. */
  readonly target: string;
  /** The link types of `rel`, in lower case. */
  readonly types: readonly string[];
  /** The values of a parameter, as a language may be said several times; its name in lower case. */
  readonly parameter: (name: string) => readonly string[];
}

/**
 * The links of the page that its Link headers name, in order (RFC 8288, appendix B.2). Those of another page, with an
 * `anchor`, are left out.
 *
 * @param headers the values of the header, each of which may hold several links
 */
export function headerLinks(headers: readonly string[]): HeaderLink[] {
  return headers
    .flatMap((header) => [...linksIn(header)])
    .filter((link) => link.parameter('anchor').length === 0);
}

function* linksIn(header: string): Generator<HeaderLink> {
  const link = /[\s,]*<([^>]*)>/y;
  for (let found = link.exec(header); found !== null; found = link.exec(header)) {
    const [, target = ''] = found;
    const { parameters, end } = parametersFrom(header, link.lastIndex);
    const parameter = (name: string): readonly string[] =>
      parameters.flatMap(([other, value]) => (other === name ? [value] : []));
    // Only the first `rel` counts.
    const [rel = ''] = parameter('rel');
    yield { target: target.trim(), types: rel.toLowerCase().split(/\s+/), parameter };
    link.lastIndex = end;
  }
}

/** RFC 8288, appendix B.3. What is no parameter is passed over, up to the comma that ends the link. */
function parametersFrom(
  header: string,
  from: number,
): { readonly parameters: readonly (readonly [name: string, value: string])[]; readonly end: number } {
  const parameters: (readonly [string, string])[] = [];
  const part = /\s*;\s*([^\s=;,]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;,\s]*)))?|[^,;]+/gy;
  part.lastIndex = from;
  let end = from;
  for (let found = part.exec(header); found !== null; found = part.exec(header)) {
    const [, name = '', quoted, plain = ''] = found;
    end = part.lastIndex;
    if (name !== '') parameters.push([name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain]);
  }
  return { parameters, end };
}
