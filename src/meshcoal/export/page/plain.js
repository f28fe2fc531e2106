// Characters, lines and values that may stand in a public text. Law: the same answers as wire/plain.py.

class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

function refuse(message) {
  throw new Refusal("malformed-package", message);
}

const LIMITS = Object.freeze({
  line: 200, languageTag: 16, name: 80, names: 16, networkMembers: 100_000, credits: 4,
  tag: 40, tags: 8, logoBytes: 16 * 1024, logoSide: 512, languages: 32, paragraphs: 500, textChars: 60_000, statementChars: 100_000,
  rules: 16, addressees: 64, versions: 99, graceMs: 30 * 24 * 3_600_000, signatories: 16_000, addenda: 256,
  paperLines: 40, paperNumber: 9_999, paperSheets: 2_000,
  fileBytes: 16 * 1024 * 1024, containers: 250_000, separators: 1_000_000, digits: 9, timeMs: 253_402_300_799_000,
});

const PLANES = Array.from({ length: 17 }, (_, plane) =>
  String.fromCodePoint((plane << 16) | 0xfffe, (plane << 16) | 0xffff)).join("");
const REFUSED = "\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u206f\\ufeff"
  + `\\ufff9-\\ufffb\\ufdd0-\\ufdef\\ud800-\\udfff\\u{e0000}-\\u{e007f}${PLANES}`;
const BAD_IN_TEXT = new RegExp(`[${REFUSED}]`, "u");
const BAD_IN_LINE = new RegExp(`[\\n${REFUSED}]`, "u");
const INVISIBLE = /[\u0020\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202f\u205f-\u2064\u2800\u3000\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]+/gu;
const LANGUAGE = /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/;
const NUMBER = /^(0|[1-9][0-9]{0,8})$/;
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z$/;

const encoder = new TextEncoder();

function toBytes(text) {
  return encoder.encode(text);
}

function charsIn(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function readUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse("the text is not UTF-8");
  }
}

function byCodePoint(one, other) {
  const left = Array.from(one, (char) => char.codePointAt(0));
  const right = Array.from(other, (char) => char.codePointAt(0));
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return left.length - right.length;
}

// --- Directions: `DIRECTIONS` holds, as hex distances, where runs of characters begin that decide left-to-right (L),
// right-to-left (R) or nothing (N). It is the table of wire/plain.py (Unicode 3.2, and blocks for what came later).

let runs = null;

function directionRuns() {
  if (runs === null) {
    let at = 0;
    runs = DIRECTIONS.split(" ").map((run) => {
      at += Number.parseInt(run.slice(1), 16);
      return [at, run[0]];
    });
  }
  return runs;
}

function decides(codePoint) {
  const table = directionRuns();
  let low = 0;
  let high = table.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (table[middle][0] <= codePoint) low = middle;
    else high = middle;
  }
  return table[low][1];
}

function directionOf(text) {
  for (const char of text) {
    const kind = decides(char.codePointAt(0));
    if (kind !== "N") return kind === "R" ? "rtl" : "ltr";
  }
  return "ltr";
}

// --- Values

function isLanguage(tag) {
  return tag.length <= LIMITS.languageTag && LANGUAGE.test(tag);
}

function checkParagraph(value) {
  const bad = (line) => line.replaceAll(" ", "") === "" || line.endsWith(" ");
  if (BAD_IN_TEXT.test(value) || value.split("\n").some(bad)) {
    refuse("a paragraph holds characters that are refused, a blank line or spaces at an end");
  }
}

function isoUtc(atMs) {
  return `${new Date(Math.floor(atMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

function spellTime(atMs) {
  const whole = isoUtc(atMs);
  return atMs % 1000 ? `${whole.slice(0, -1)}.${String(atMs % 1000).padStart(3, "0")}Z` : whole;
}

function readTime(text) {
  const parts = TIME.exec(text);
  if (parts === null) refuse("a time is not in RFC 3339 form");
  const [year, month, day, hour, minute, second, part] = parts.slice(1).map((digits) => Number(digits ?? 0));
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second, part);
  if (!(atMs >= 0 && atMs <= LIMITS.timeMs) || spellTime(atMs) !== text) {
    refuse("a time is not in its one spelling");
  }
  return atMs;
}

function isBlank(value) {
  return value.replace(INVISIBLE, "") === "";
}

function optionalLine(value, what) {
  if (value === "") return value;
  if (charsIn(value) > LIMITS.line || BAD_IN_LINE.test(value) || value.startsWith(" ") || value.endsWith(" ")) {
    refuse(`${what} holds characters that are refused, or spaces at an end`);
  }
  if (isBlank(value)) refuse(`${what} is empty`);
  return value;
}

function requiredLine(value, what) {
  if (value === "") refuse(`${what} is empty`);
  return optionalLine(value, what);
}

function readHex(text, bytes, what) {
  if (text.length !== 2 * bytes || !/^[0-9a-f]*$/.test(text)) {
    refuse(`${what} is not ${2 * bytes} lower-case hex digits`);
  }
  return text;
}

function readNumber(text) {
  if (!NUMBER.test(text)) refuse("a number is not in its one spelling");
  return Number(text);
}

function fits(value, least, most, what) {
  const count = typeof value === "number" ? value : Array.isArray(value) ? value.length : charsIn(value);
  if (count < least || count > most) refuse(`${what}: ${least} to ${most} fit`);
  return value;
}
