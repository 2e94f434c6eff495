/** One element of DER (ITU-T X.690). */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
}

const sequence = 0x30;
/** `[0]`, constructed. */
const first = 0xa0;

/** The elements that follow one another in these bytes; none when they are not DER. */
export function elementsOf(der: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < der.length;) {
    const element = elementAt(der, at);
    if (element === null) return [];
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

function elementAt(der: Buffer, at: number): Element | null {
  const [tag = 0, short] = der.subarray(at, at + 2);
  // No certificate has tags of several bytes; 0x80 is the indefinite length of BER.
  if (short === undefined || (tag & 0x1f) === 0x1f || short === 0x80 || short > 0x84) return null;
  const start = at + 2 + (short < 0x80 ? 0 : short - 0x80);
  if (start > der.length) return null;
  const end = start + (short < 0x80 ? short : der.readUIntBE(at + 2, short - 0x80));
  return end > der.length ? null : { tag, content: der.subarray(start, end), whole: der.subarray(at, end) };
}

/**
 * The names of a certificate's subject and issuer (RFC 5280, section 4.1), as texts to compare: in lower case, and
 * regardless of their string types. Null when the bytes are no certificate.
 */
export function namesIn(certificate: Buffer): { readonly issuer: string; readonly subject: string } | null {
  const [signed] = elementsOf(elementsOf(certificate)[0]?.content ?? empty);
  const fields = elementsOf(signed?.content ?? empty);
  const [, , issuer, , subject] = fields[0]?.tag === first ? fields.slice(1) : fields;
  if (issuer?.tag !== sequence || subject?.tag !== sequence) return null;
  return { issuer: nameText(issuer), subject: nameText(subject) };
}

/** RFC 5280, section 4.1.2.4: a sequence of sets of attributes, each an identifier and a text. */
function nameText({ content }: Element): string {
  const attributes = elementsOf(content).flatMap((set) => elementsOf(set.content));
  const texts = attributes.map((attribute) => {
    const [id, text] = elementsOf(attribute.content);
    const words = text?.content.toString('latin1').trim().replaceAll(/\s+/g, ' ').toLowerCase();
    return `${id?.content.toString('hex')}=${words}`;
  });
  return texts.join('\n');
}

const signedData = Buffer.from('06092a864886f70d010702', 'hex');

/** The certificates, in DER, of a PKCS #7 message that holds nothing else (RFC 2315, section 9.1). */
export function certificatesInPkcs7(der: Buffer): readonly Buffer[] {
  const [type, content] = elementsOf(elementsOf(der)[0]?.content ?? empty);
  if (type?.whole.equals(signedData) !== true || content?.tag !== first) return [];
  const fields = elementsOf(elementsOf(content.content)[0]?.content ?? empty);
  const certificates = fields.find(({ tag }) => tag === first);
  return elementsOf(certificates?.content ?? empty).map(({ whole }) => whole);
}

const empty = Buffer.alloc(0);
