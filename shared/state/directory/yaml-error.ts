import type { ErrorCode } from "yaml";

/** What the parser's codes mean. Its own texts may quote the file, and a file may be a Secret. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias (*name) can have no anchor or tag",
  BAD_ALIAS: "an alias (*name) refers to no anchor (&name) before it",
  BAD_COLLECTION_TYPE: "a tag does not fit the kind of value",
  BAD_DIRECTIVE: "a directive (%) is not understood",
  BAD_DQ_ESCAPE: "a backslash sequence in a double-quoted text is unknown; use single quotes or \\\\",
  BAD_INDENT: "the indentation does not fit the lines above",
  BAD_PROP_ORDER: "an anchor or tag stands in the wrong place",
  BAD_SCALAR_START: "a plain text cannot start with this character; put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a nested list or mapping cannot start on this line; put it on the next one, indented",
  BLOCK_IN_FLOW: "a block cannot stand inside [ ] or { }",
  IMPOSSIBLE: "this cannot be read",
  KEY_OVER_1024_CHARS: "a key is longer than 1,024 characters",
  MISSING_CHAR: "a character is missing: a colon and a space, a closing quote, bracket or brace",
  MULTILINE_IMPLICIT_KEY: "a line is neither `key: value` nor part of what stands before it",
  MULTIPLE_ANCHORS: "a value has more than one anchor",
  MULTIPLE_TAGS: "a value has more than one tag",
  RESOURCE_EXHAUSTION: "the document is nested too deeply",
  TAB_AS_INDENT: "a tab is used as indentation; use spaces",
  TAG_RESOLVE_FAILED: "a tag (!) does not fit its value",
  UNEXPECTED_TOKEN: "something stands where it cannot; look for a missing quote, colon or line break",
};

/** What a parser's code means, for people. */
export function yamlErrorWords(code: ErrorCode): string {
  return WORDS[code] ?? "this is no YAML";
}
