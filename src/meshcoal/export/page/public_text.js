// The texts that are hashed and signed. Law: the same bytes as wire/public_text.py, read in that one spelling.

const MODES = Object.freeze(["named", "addressee", "role", "counted"]);
const ALL_NAMED = "Every signatory is named.";
const MODES_SAID = Object.freeze([
  ["addressee", "A signatory may be named to the addressee only; the list then says so."],
  ["role", "A signatory may stand with a role instead of a name."],
  ["counted", "A member may be counted and not named; the list then says how many."],
]);
const PAPER_RULE = "A signature on paper is entered by a member who saw it given; the list then says so.";
const ALWAYS = Object.freeze([
  "Each member of the coalition signs at most once.",
  "A change of the text is a new version, and no signature carries over to it.",
  "Before the release a sign-on can be withdrawn and then does not count.",
  "After the release a withdrawal is a notice beside the list.",
]);

function rulesOf(modes, paper = false) {
  const said = MODES_SAID.filter(([mode]) => modes.includes(mode)).map(([, sentence]) => sentence);
  return [...(said.length ? said : [ALL_NAMED]), ...(paper ? [PAPER_RULE] : []), ...ALWAYS];
}

// --- The canonical text of a statement

const TAG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

function ascending(values) {
  return values.every((value, i) => i === 0 || values[i - 1] < value);
}

function checkTags(tags) {
  if (!tags.every((tag) => tag.length <= LIMITS.tag && TAG.test(tag)) || !ascending(tags)) {
    refuse("topics, countries and asks: words in lower case, ascending, each once");
  }
  return tags;
}

function origin(text, languages) {
  const source = text.translatedFrom;
  if (source && (source === text.language || !languages.includes(source))) {
    refuse("a text is translated from another language of the statement");
  }
  if (text.checkers.length && !source) refuse("a translation is checked, and nothing else");
  return [
    ...(source ? [`translated from: ${source}`] : []),
    ...text.translators.map((name) => `translator: ${requiredLine(name, "a translator")}`),
    ...text.checkers.map((name) => `checker: ${requiredLine(name, "a checker")}`),
  ];
}

function canonicalText(statement) {
  const languages = statement.texts.map((text) => text.language);
  if (new Set(languages).size !== languages.length) refuse("a language stands twice");
  if ((statement.version > 1) !== (statement.replaces !== "")) {
    refuse("a version replaces another exactly where it is not the first");
  }
  if (statement.softDeadlineMs > statement.deadlineMs) refuse("the soft deadline lies behind the deadline");
  const lines = ["meshcoal statement 1", `campaign: ${statement.campaign}`, `statement: ${statement.statement}`];
  lines.push(`version: ${statement.version}`);
  if (statement.replaces) lines.push(`replaces: ${statement.replaces}`);
  if (statement.softDeadlineMs) lines.push(`asked by: ${spellTime(statement.softDeadlineMs)}`);
  lines.push(`deadline: ${spellTime(statement.deadlineMs)}`);
  if (statement.graceMs) lines.push(`grace seconds: ${statement.graceMs / 1000}`);
  lines.push(`languages: ${languages.join(", ")}`);
  const permitted = MODES.filter((mode) => statement.modes.includes(mode));
  if (permitted[0] !== "named" || permitted.join() !== statement.modes.join()) {
    refuse("name modes: `named` first, each once, in their order");
  }
  if (permitted.length > 1) lines.push(`names: ${permitted.join(", ")}`);
  for (const tag of checkTags(statement.topics)) lines.push(`topic: ${tag}`);
  for (const tag of checkTags(statement.countries)) lines.push(`about: ${tag}`);
  for (const tag of checkTags(statement.asks)) lines.push(`ask: ${tag}`);
  for (const addressee of statement.addressees) lines.push(`addressee: ${requiredLine(addressee, "an addressee")}`);
  for (const rule of statement.rules) lines.push(`rule: ${requiredLine(rule, "a rule")}`);
  lines.push("");
  for (const text of statement.texts) {
    if (!isLanguage(text.language)) refuse("a language tag is not in lower-case BCP 47 form");
    text.paragraphs.forEach(checkParagraph);
    const body = text.paragraphs.join("\n\n");
    lines.push(`language: ${text.language}`, `direction: ${text.direction}`, ...origin(text, languages));
    lines.push(`title: ${requiredLine(text.title, "a title")}`, `paragraphs: ${text.paragraphs.length}`);
    lines.push(`bytes: ${toBytes(body).length}`, "", body, "");
  }
  const whole = [...lines, "end", ""].join("\n");
  if (charsIn(whole) > LIMITS.statementChars) refuse("the statement is too long");
  return whole;
}

class TextReader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  peek() {
    const end = this.bytes.indexOf(10, this.at);
    return end < 0 ? null : readUtf8(this.bytes.subarray(this.at, end));
  }

  line() {
    const line = this.peek();
    if (line === null) refuse("the statement ends too soon");
    this.at = this.bytes.indexOf(10, this.at) + 1;
    return line;
  }

  expect(line) {
    if (this.line() !== line) refuse(`the statement lacks its ${line ? `line \`${line}\`` : "blank line"}`);
  }

  value(key) {
    const line = this.line();
    if (!line.startsWith(`${key}: `)) refuse(`the statement lacks its \`${key}\``);
    return line.slice(key.length + 2);
  }

  values(key, most) {
    const found = [];
    for (let line = this.peek(); line !== null && line.startsWith(`${key}: `); line = this.peek()) {
      if (found.length === most) refuse(`the statement has more than ${most} of \`${key}\``);
      found.push(this.value(key));
    }
    return found;
  }

  take(count) {
    if (this.at + count > this.bytes.length) refuse("the statement ends too soon");
    this.at += count;
    return readUtf8(this.bytes.subarray(this.at - count, this.at));
  }
}

function languageText(reader, language) {
  if (!isLanguage(language)) refuse("a language tag is not in lower-case BCP 47 form");
  if (reader.peek() !== `language: ${language}`) {
    refuse(`the statement names the language \`${language}\`, but its text is not there`);
  }
  reader.value("language");
  const direction = reader.value("direction");
  if (direction !== "ltr" && direction !== "rtl") refuse("a direction is ltr or rtl");
  const translatedFrom = reader.values("translated from", 1)[0] ?? "";
  const translators = reader.values("translator", LIMITS.credits);
  const checkers = reader.values("checker", LIMITS.credits);
  for (const name of [...translators, ...checkers]) fits(name, 1, LIMITS.name, "a name");
  const title = fits(reader.value("title"), 1, LIMITS.name, "title");
  const count = readNumber(reader.value("paragraphs"));
  const lengthBytes = readNumber(reader.value("bytes"));
  reader.expect("");
  const paragraphs = fits(reader.take(lengthBytes).split("\n\n"), 1, LIMITS.paragraphs, "paragraphs");
  reader.expect("");
  reader.expect("");
  if (paragraphs.length !== count) refuse(`the text in \`${language}\` does not have as many paragraphs as it says`);
  for (const paragraph of paragraphs) fits(paragraph, 1, LIMITS.textChars, "a paragraph");
  return { language, direction, title, paragraphs, translatedFrom, translators, checkers };
}

function parseCanonicalText(text) {
  const bytes = toBytes(text);
  if (bytes.length > 4 * LIMITS.statementChars) refuse("the statement is too long");
  const reader = new TextReader(bytes);
  reader.expect("meshcoal statement 1");
  const campaign = readHex(reader.value("campaign"), 32, "campaign");
  const statement = readHex(reader.value("statement"), 32, "statement");
  const version = readNumber(reader.value("version"));
  const replaces = reader.values("replaces", 1);
  const askedBy = reader.values("asked by", 1);
  const deadlineMs = readTime(reader.value("deadline"));
  const grace = reader.values("grace seconds", 1);
  const languages = reader.value("languages").split(", ");
  if (languages.length > LIMITS.languages) refuse("the statement names too many languages");
  const modes = reader.values("names", 1)[0]?.split(", ") ?? ["named"];
  if (!modes.every((mode) => MODES.includes(mode))) refuse("a name mode is unknown");
  const topics = reader.values("topic", LIMITS.tags);
  const countries = reader.values("about", LIMITS.tags);
  const asks = reader.values("ask", LIMITS.tags);
  const addressees = reader.values("addressee", LIMITS.addressees);
  const rules = reader.values("rule", LIMITS.rules);
  reader.expect("");
  const texts = languages.map((language) => languageText(reader, language));
  reader.expect("end");
  if (reader.at !== bytes.length) refuse("something follows the statement's end");
  for (const line of [...addressees, ...rules]) fits(line, 1, LIMITS.line, "a line");
  const parsed = {
    campaign, statement, deadlineMs, texts, addressees, rules, modes, topics, countries, asks,
    version: fits(version, 1, LIMITS.versions, "version"),
    replaces: replaces.length ? readHex(replaces[0], 32, "replaces") : "",
    softDeadlineMs: askedBy.length ? readTime(askedBy[0]) : 0,
    graceMs: fits(grace.length ? readNumber(grace[0]) * 1000 : 0, 0, LIMITS.graceMs, "grace"),
  };
  if (canonicalText(parsed) !== text) refuse("the statement is not in its one canonical spelling");
  return parsed;
}

// --- Acts: the first line is the context of the signature

function act(lines) {
  return toBytes(`${lines.join("\n")}\n`);
}

// As `check_named` of wire/naming.py: what is told goes with how it is told, and as what.
function checkNamed(entry) {
  const { affiliation, annex, capacity, country, logo, members, mode, name, names, title } = entry;
  const hidden = mode === "addressee";
  const affiliated = capacity === "individual-affiliation-not-endorsing";
  if (mode === "counted") refuse("who is counted and not named has no entry");
  const tags = names.map((one) => one.language);
  if (!tags.every(isLanguage) || !ascending(tags)) {
    refuse("names: lower-case BCP 47 tags, ascending, each once");
  }
  if (hidden !== (annex !== "")) refuse("an annex goes with a name for the addressee only");
  if (hidden !== (name === "")) refuse("a name stands exactly where it is not for the addressee only");
  if (mode !== "named" && (title || affiliation || logo)) {
    refuse("title, affiliation and logo stand beside a name only");
  }
  if (hidden && (names.length || country || members)) {
    refuse("whoever is named to the addressee only tells nothing else");
  }
  if (mode === "named" && affiliated !== (affiliation !== "")) {
    refuse("an affiliation stands exactly where it does not endorse");
  }
  if (mode !== "named" && affiliated) refuse("who is not named has no affiliation");
  if (!hidden && (capacity === "network") !== (members > 0)) {
    refuse("a network, and nobody else, says how many members it has");
  }
}

function signOnText(digest, entry) {
  const languages = entry.languagesRead;
  if (!languages.every(isLanguage) || !ascending(languages)) {
    refuse("languages read: lower-case BCP 47 tags, ascending, each once");
  }
  checkNamed(entry);
  return act([
    "meshcoal sign-on 1",
    `statement: ${digest}`,
    `key: ${entry.key}`,
    `capacity: ${entry.capacity}`,
    ...(entry.mode === "named" ? [] : [`mode: ${entry.mode}`]),
    `name: ${optionalLine(entry.name, "a name")}`,
    ...entry.names.map((one) => `name in ${one.language}: ${requiredLine(one.name, "a name")}`),
    `title: ${optionalLine(entry.title, "a title")}`,
    `affiliation: ${optionalLine(entry.affiliation, "an affiliation")}`,
    `country: ${optionalLine(entry.country, "a country")}`,
    ...(entry.members ? [`members: ${entry.members}`] : []),
    ...(entry.logo ? [`logo: ${entry.logo}`] : []),
    ...(entry.annex ? [`annex: ${entry.annex}`] : []),
    ...(entry.condition ? [`condition: ${entry.condition}`] : []),
    `languages read: ${languages.join(", ")}`,
    `signed: ${spellTime(entry.signedMs)}`,
  ]);
}

function withdrawalText(digest, key, signOnDigest, withdrawnMs) {
  return act([
    "meshcoal withdrawal 1", `statement: ${digest}`, `key: ${key}`, `sign-on: ${signOnDigest}`,
    `withdrawn: ${spellTime(withdrawnMs)}`,
  ]);
}

function releaseText(digest, release) {
  return act([
    "meshcoal release 1", `statement: ${digest}`, `key: ${release.key}`, `tally: ${release.tally}`,
    `released: ${spellTime(release.releasedMs)}`,
    ...(release.notBeforeMs ? [`not before: ${spellTime(release.notBeforeMs)}`] : []),
  ]);
}

function tallyText(digest, lines, more = []) {
  // By key alone, and stable: a key that stands twice keeps its order, as in Python.
  const ordered = [...lines].sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  const organisations = ordered.filter((line) => ORGANISATIONS.includes(line.capacity)).length;
  return act([
    "meshcoal tally 1",
    `statement: ${digest}`,
    `organisations: ${organisations}`,
    `individuals: ${ordered.length - organisations}`,
    ...ordered.map((line) => `sign-on: ${line.key} ${line.signOn} ${line.capacity} ${line.name}`),
    ...more,
  ]);
}
