// Addenda: who signed after the release. Law: reads what wire/package_addenda.py reads, and finds what
// statement/addenda_check.py finds, in the same order.

function readAddendum(item) {
  const fields = new Fields(item, "an addendum");
  const addendum = {
    before: optionalHex(fields.text("before"), "the addendum before"),
    key: readHex(fields.text("key"), 32, "a key"),
    number: fits(fields.number("number"), 1, LIMITS.addenda, "number"),
    publishedMs: readTime(fields.text("published")),
    release: readHex(fields.text("release"), 32, "the release of an addendum"),
    signOns: fields.items("sign_ons").map(readSignOn),
    signature: readHex(fields.text("signature"), 64, "a signature"),
    tally: readHex(fields.text("tally"), 32, "the tally's digest"),
    withdrawals: fields.items("withdrawals").map(readWithdrawal),
  };
  fields.finish();
  return addendum;
}

function plainAddendum(addendum) {
  return {
    before: addendum.before,
    key: addendum.key,
    number: addendum.number,
    published: spellTime(addendum.publishedMs),
    release: addendum.release,
    sign_ons: addendum.signOns.map(plainSignOn),
    signature: addendum.signature,
    tally: addendum.tally,
    withdrawals: addendum.withdrawals.map(plainWithdrawal),
  };
}

// Everybody who stands on the list or in an addendum, with the number of it (0: on the list at the release), and the
// place: of the addendum in the file and of the entry in it, from 0.
function everybodyOf(found) {
  return [
    ...found.signOns.map((entry, place) => ({ ...entry, addendum: 0, place })),
    ...found.addenda.flatMap(({ number, signOns }, index) => (
      signOns.map((entry, place) => ({ ...entry, addendum: number, index, place })))),
  ];
}

function addendumText(digest, addendum, withdrawals) {
  const { before, key, number, publishedMs, release, tally } = addendum;
  if ((number === 1) !== (before === "")) refuse("an addendum names the one before it, but for the first");
  if (withdrawals.includes("")) refuse("a withdrawal of nobody");
  return act([
    "meshcoal addendum 1",
    `statement: ${digest}`,
    `release: ${release}`,
    `number: ${number}`,
    ...(before ? [`before: ${before}`] : []),
    `key: ${key}`,
    `tally: ${tally}`,
    ...withdrawals.map((withdrawal) => `withdrawal: ${withdrawal}`),
    `published: ${spellTime(publishedMs)}`,
  ]);
}

// Where two judges disagree; the page counts entries from 1.
function addedPlace(number, place) {
  return place ? { key: "added", values: { number, place } } : { key: "addendum", values: { number } };
}

async function checkAddenda(one) {
  const { addenda } = one.found;
  const numbers = addenda.map((addendum) => addendum.number);
  if (numbers.some((number, i) => i > 0 && number <= numbers[i - 1])) one.say("problem", "addendum-order");
  for (let number = 1; number < Math.max(0, ...numbers); number += 1) {
    if (!numbers.includes(number)) one.say("problem", "addendum-missing", { number });
  }
  const seen = new Set(one.found.signOns.map((entry) => entry.key));
  const texts = new Map(); // number -> SHA-256 of the text
  let beforeMs = one.found.release.releasedMs;
  for (const [index, addendum] of addenda.entries()) {
    await checkAddendum(one, index, addendum, { seen, texts, beforeMs });
    beforeMs = addendum.publishedMs;
  }
  const late = one.text
    ? addenda.flatMap((addendum) => addendum.signOns).filter((entry) => entry.signedMs > one.text.deadlineMs).length
    : 0;
  if (late) one.say("notice", "addendum-late", { count: late });
}

async function checkAddendum(one, index, addendum, { seen, texts, beforeMs }) {
  const { number, signOns, withdrawals } = addendum;
  if (addendum.release !== one.found.release.tally) one.say("problem", "addendum-release", { number });
  const told = number === 1 || texts.has(number - 1);
  if (told && addendum.before !== (texts.get(number - 1) ?? "")) one.say("problem", "addendum-chain", { number });
  const known = new Map(one.good);
  const lines = await checkAddedEntries(one, index, addendum, seen);
  if (toHex(sha256(tallyText(one.found.digest, lines))) !== addendum.tally) {
    one.say("problem", "addendum-tally", { number });
  }
  const digests = [];
  for (const withdrawal of withdrawals) digests.push(await checkAddedWithdrawal(one, number, withdrawal, known));
  const keys = withdrawals.map((withdrawal) => withdrawal.key);
  if (!ascending(keys)) one.say("problem", "doubled-withdrawal.addendum", { number });
  if (!signOns.length && !withdrawals.length) one.say("problem", "addendum-empty", { number });
  await checkAddendumSignature(one, addendum, digests, texts);
  if (addendum.publishedMs < beforeMs) one.say("notice", "clocks.addendum", { number });
}

async function checkAddedEntries(one, index, { number, signOns }, seen) {
  const lines = [];
  for (const [i, entry] of signOns.entries()) {
    const { capacity, key, name } = entry;
    const values = { number, place: i + 1, name };
    const signed = await signedDigest(one, entry, addedPlace(number, i + 1));
    if (signed === null) {
      one.say("problem", "signature.addendum", values);
      one.addedChanged.add(`${index} ${i}`);
    } else {
      if (!one.good.has(key)) one.good.set(key, signed);
      lines.push({ key, signOn: signed, capacity, name });
    }
    if (seen.has(key)) one.say("problem", "doubled.addendum", values);
    seen.add(key);
    if (!one.names.has(key)) one.names.set(key, name);
    if (!(one.text?.modes ?? MODES).includes(entry.mode)) one.say("problem", "name-mode.addendum", values);
    const languages = one.text?.texts.map((part) => part.language) ?? entry.languagesRead;
    if (entry.languagesRead.some((tag) => !languages.includes(tag))) one.say("notice", "languages-read", { name });
  }
  if (signOns.some((entry, i) => i > 0 && entry.key < signOns[i - 1].key)) {
    one.say("problem", "order.addendum", { number });
  }
  return lines;
}

// The digest of the withdrawal's text; nothing where it belongs to nobody who stood on the list before.
async function checkAddedWithdrawal(one, number, { key, signature, withdrawnMs }, known) {
  const signed = known.get(key);
  if (signed === undefined) {
    one.say("problem", "withdrawal.addendum", { number });
    return "";
  }
  const text = withdrawalText(one.found.digest, key, signed, withdrawnMs);
  const name = one.names.get(key);
  if (one.withdrawn.has(key)) {
    one.say("problem", "withdrawal.addendum", { number });
  } else if (await one.holds(key, text, signature, addedPlace(number, 0))) {
    one.withdrawn.add(key);
    one.say("notice", "withdrawn.addendum", { number, name, at: withdrawnMs });
  } else {
    one.say("problem", "withdrawal.addendum-signature", { number, name });
  }
  return toHex(sha256(text));
}

async function checkAddendumSignature(one, addendum, withdrawals, texts) {
  const { key, number, publishedMs, signOns, signature } = addendum;
  let text = null;
  try {
    text = addendumText(one.found.digest, addendum, withdrawals);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  if (text === null || !(await one.holds(key, text, signature, addedPlace(number, 0)))) {
    one.say("problem", "addendum-signature", { number });
    return;
  }
  if (!texts.has(number)) texts.set(number, toHex(sha256(text)));
  one.say("ok", "addendum", { number, at: publishedMs, count: signOns.length });
}
