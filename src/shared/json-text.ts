/** A value as JSON text. Threads send objects so, as they are only to be written. */
export class JsonText {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }

  toJSON(): unknown {
    return JSON.parse(this.json);
  }
}
