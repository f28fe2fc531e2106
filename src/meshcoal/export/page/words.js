// Words in the reader's language. Law: a word is looked up by its key and never glued together; what fills a gap is
// shown as its kind asks (statement/sentences.py) and enters the page as text. `WORDS`, `GAPS`, `TONGUES`: export/speech.py.

let reading = "en"; // the language that the page is shown in
const pluralRules = new Map();

function formOf(language, key, values) {
  const found = WORDS[language].words[key];
  if (typeof found === "string") return found;
  if (!pluralRules.has(language)) pluralRules.set(language, new Intl.PluralRules(language));
  return found[pluralRules.get(language).select(values.count)] ?? found.other;
}

// Texts and gaps of a template, in turn: a gap is `[name]`.
function partsOf(template) {
  return template.split(/{([a-z]+)}/).map((part, i) => (i % 2 ? [part] : part)).filter((part) => part !== "");
}

// The sentence in English, with times as ISO 8601: to be compared with the command's.
function plainly(key, values) {
  const shown = ([gap]) => {
    const value = values[gap];
    if (GAPS[gap] === "time") return isoUtc(value);
    return String(value) || WORDS.en.words["page.to_addressee"];
  };
  return partsOf(formOf("en", key, values)).map((part) => (typeof part === "string" ? part : shown(part))).join("");
}

function spellNumber(number) {
  return String(number).replace(/[0-9]/g, (digit) => [...WORDS[reading].digits][Number(digit)]);
}

function spellMoment(atMs) {
  const [date, time] = isoUtc(atMs).slice(0, -1).split("T");
  const [year, month, day] = date.split("-").map(Number);
  const gaps = { day: spellNumber(day), month: WORDS[reading].months[month - 1], year: spellNumber(year),
    time: spellNumber(time) };
  return ownDate(atMs, filled(WORDS[reading].date, gaps));
}

function filled(template, gaps) {
  return template.replace(/{([a-z]+)}/g, (_, gap) => gaps[gap]);
}

// The day in the readers' own calendar before the Gregorian one, where their language has one that this browser knows.
function ownDate(atMs, gregorian) {
  const { own } = WORDS[reading];
  const at = new Date(atMs);
  if (own === undefined || at.getUTCFullYear() < 1800 || at.getUTCFullYear() >= 2250) return gregorian;
  const asked = { timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric" };
  const format = new Intl.DateTimeFormat(`en-u-ca-${own.calendar}`, asked);
  if (format.resolvedOptions().calendar !== own.calendar) return gregorian;
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const gaps = { day: spellNumber(parts.day), month: own.months[Number(parts.month) - 1],
    year: spellNumber(parts.year), gregorian };
  return filled(own.date, gaps);
}

function moment(atMs) {
  return node("time", { datetime: isoUtc(atMs), title: isoUtc(atMs) }, node("bdi", {}, spellMoment(atMs)));
}

function coded(text) {
  return node("code", { dir: "ltr" }, text);
}

// A language by its own name, where the page knows it.
function tongue(tag) {
  const name = Object.hasOwn(WORDS, tag) ? WORDS[tag].name : Object.hasOwn(TONGUES, tag) ? TONGUES[tag] : "";
  return name ? node("bdi", { lang: tag }, name) : coded(tag);
}

const SHOWN = Object.freeze({
  name: (value) => [own(value || WORDS[reading].words["page.to_addressee"])],
  names: (value) => listed(value),
  number: (value) => [spellNumber(value)],
  time: (value) => [moment(value)],
  code: (value) => [coded(value)],
  language: (value) => [tongue(value)],
  english: (value) => [node("bdi", { lang: "en", dir: "ltr" }, value)],
  word: (value) => [node("strong", {}, own(value))],
});

// What stands behind a key, in the reader's language: texts and elements.
function said(key, values = {}) {
  return partsOf(formOf(reading, key, values)).flatMap((part) => (
    typeof part === "string" ? [part] : SHOWN[GAPS[part[0]]](values[part[0]])));
}

function saidAll(key) {
  const keys = [];
  while (WORDS.en.words[`${key}.${keys.length}`] !== undefined) keys.push(`${key}.${keys.length}`);
  return keys;
}

// --- Which language

function knownLanguage(tag) {
  const parts = tag.toLowerCase().split("-");
  for (let length = parts.length; length; length -= 1) {
    const shorter = parts.slice(0, length).join("-");
    if (Object.hasOwn(WORDS, shorter)) return shorter;
  }
  return "";
}

// The browser's, where there are words in it, else the letter's own as the page says before its check, else English.
function firstLanguage() {
  const letters = [...document.querySelectorAll("#texts section")].map((section) => section.lang);
  const asked = [...(navigator.languages ?? []), ...letters];
  return asked.map(knownLanguage).find((tag) => tag !== "") ?? "en";
}

// Everything in the page that is the same for each letter.
function relabel() {
  document.documentElement.lang = reading;
  document.documentElement.dir = WORDS[reading].direction;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.replaceChildren(...said(element.dataset.word));
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", said(element.dataset.label).join(""));
  }
}

// The choice at the top of the page; `redraw` shows what is the letter's own.
function offerLanguages(redraw) {
  reading = firstLanguage();
  const choice = document.getElementById("language");
  choice.replaceChildren(...Object.entries(WORDS).map(([tag, { name, direction }]) => node(
    "option", { value: tag, lang: tag, dir: direction }, name)));
  choice.value = reading;
  choice.addEventListener("change", () => {
    reading = choice.value;
    relabel();
    redraw();
  });
  document.getElementById("choose").hidden = false;
  relabel();
}
