const block = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END[^-]*-----/g;

/** The certificates in a text, each with the lines around it; other kinds of PEM and the text between them are left out. */
export function pemCertificates(text: string): readonly string[] {
  return text.match(block) ?? [];
}

/** The content of one PEM block, in DER. */
export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[^-]*-----/g, ''), 'base64');
}
