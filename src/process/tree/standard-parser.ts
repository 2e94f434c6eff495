/* oxlint-disable no-underscore-dangle -- parse5's names of the methods that subclasses may override */
import { InsertionMode, Parser, html as standard } from 'parse5';
import type { Token, TreeAdapterTypeMap } from 'parse5';

const { TAG_ID: tag } = standard;

const modes = new Map([
  [tag.TR, InsertionMode.IN_ROW],
  [tag.TBODY, InsertionMode.IN_TABLE_BODY],
  [tag.THEAD, InsertionMode.IN_TABLE_BODY],
  [tag.TFOOT, InsertionMode.IN_TABLE_BODY],
  [tag.CAPTION, InsertionMode.IN_CAPTION],
  [tag.COLGROUP, InsertionMode.IN_COLUMN_GROUP],
  [tag.TABLE, InsertionMode.IN_TABLE],
  [tag.FRAMESET, InsertionMode.IN_FRAMESET],
  [tag.TD, InsertionMode.IN_CELL],
  [tag.TH, InsertionMode.IN_CELL],
  [tag.HEAD, InsertionMode.IN_HEAD],
  [tag.BODY, InsertionMode.IN_BODY],
]);
const tableTags = [tag.TABLE, tag.TBODY, tag.THEAD, tag.TFOOT, tag.TR, tag.TD, tag.TH];
const modeTags = [...modes.keys(), tag.TEMPLATE, tag.HTML];

const tableModes = new Set([
  InsertionMode.IN_TABLE,
  InsertionMode.IN_CAPTION,
  InsertionMode.IN_TABLE_BODY,
  InsertionMode.IN_ROW,
  InsertionMode.IN_CELL,
]);

/**
 * End tags that take effect in a select even if no such element is open in it: they ignore the scope, or a select
 * does not limit it.
 */
const leavesSelect = new Set([...tableTags, tag.CAPTION, tag.TEMPLATE, tag.P, tag.BR]);

/**
 * parse5 with the rules for `select` of the HTML Standard since 2025: it may contain any element, and has no insertion modes
 * of its own.
 */
export class StandardParser<T extends TreeAdapterTypeMap> extends Parser<T> {
  override _startTagOutsideForeignContent(token: Token.TagToken): void {
    if (this.#isConsumed(token)) return;
    const before = this.insertionMode;
    super._startTagOutsideForeignContent(token);
    if (
      this.insertionMode !== InsertionMode.IN_SELECT &&
      this.insertionMode !== InsertionMode.IN_SELECT_IN_TABLE
    )
      return;
    if (tableModes.has(before)) this.insertionMode = before;
    else if (before === InsertionMode.IN_COLUMN_GROUP) this.insertionMode = InsertionMode.IN_TABLE;
    else this.insertionMode = InsertionMode.IN_BODY;
  }

  override _endTagOutsideForeignContent(token: Token.TagToken): void {
    if (!this.#isInSelect()) super._endTagOutsideForeignContent(token);
    else if (token.tagID === tag.SELECT) {
      this.openElements.generateImpliedEndTags();
      this.openElements.popUntilTagNamePopped(tag.SELECT);
    } else if (leavesSelect.has(token.tagID) || this.#isOpenInSelect(token)) {
      super._endTagOutsideForeignContent(token);
    }
  }

  /** Elements in a select do not close a paragraph around it. */
  override _closePElement(): void {
    const { openElements } = this;
    if (openElements.indexOfTopmost(tag.P) > openElements.indexOfTopmost(tag.SELECT) || !this.#isInSelect())
      super._closePElement();
  }

  override _resetInsertionMode(): void {
    const id = this.openElements.tagIDs[this.openElements.indexOfTopmostOf(modeTags)];
    const inTemplate = this.tmplInsertionModeStack.at(-1);
    if (id === tag.TEMPLATE && inTemplate !== undefined) this.insertionMode = inTemplate;
    else if (id === tag.HTML) {
      this.insertionMode = this.headElement === null ? InsertionMode.BEFORE_HEAD : InsertionMode.AFTER_HEAD;
    } else this.insertionMode = (id === undefined ? undefined : modes.get(id)) ?? InsertionMode.IN_BODY;
  }

  /** Closes what a start tag ends in an open select. @returns whether the tag has no other effect */
  #isConsumed({ tagID }: Token.TagToken): boolean {
    switch (tagID) {
      case tag.SELECT:
      case tag.INPUT:
        if (!this.#isInSelect()) return false;
        this.openElements.popUntilTagNamePopped(tag.SELECT);
        return tagID === tag.SELECT;
      case tag.OPTION:
        if (this.#isInSelect()) this.openElements.generateImpliedEndTagsWithExclusion(tag.OPTGROUP);
        return false;
      case tag.OPTGROUP:
      case tag.HR:
        if (this.#isInSelect()) this.openElements.generateImpliedEndTags();
        return false;
      default:
        return false;
    }
  }

  #isOpenInSelect({ tagID, tagName }: Token.TagToken): boolean {
    const { openElements } = this;
    const index =
      tagID === tag.UNKNOWN
        ? openElements.indexOfTopmostByName(standard.NS.HTML, tagName)
        : openElements.indexOfTopmost(tagID);
    return index > openElements.indexOfTopmost(tag.SELECT);
  }

  #isInSelect(): boolean {
    return this.openElements.stackTop > 0 && this.openElements.hasInScope(tag.SELECT);
  }
}
