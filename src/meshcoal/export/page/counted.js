// Those who are counted and not named. Law: as wire/package_counted.py and statement/counted_checks.py: the same
// findings in the same order. The group ristretto255 (RFC 9496) is noble-curves', unchanged; what is put together of it
// here is docs/protocol/ring-signatures.md, ours and unreviewed. Public values only: nothing takes constant time.

const RING_KEYS_MAX = 256;
const MEMBERS_CROWD_MIN = 8;
const TAG_DIGITS = 64; // hexadecimal digits of a tag, and of each scalar
// Of a table of multiples: the more often it is used, the larger it pays to be.
const WINDOW_BITS = Object.freeze({ always: 8, tag: 6, key: 5 });

// --- In the package

function readCount(item) {
  if (item !== null && typeof item === "object" && !Array.isArray(item) && !Object.keys(item).length) return null;
  const fields = new Fields(item, "the count");
  const count = {
    ring: fits(fields.texts("ring").map((key) => readHex(key, 32, "a ring key")), 1, RING_KEYS_MAX, "ring"),
    named: fits(fields.items("named").map(readNamedKey), 0, RING_KEYS_MAX, "named"),
    signOns: fits(fields.texts("sign_ons").map(readRingSignature), 0, RING_KEYS_MAX, "sign-ons"),
    withdrawals: fits(fields.texts("withdrawals").map(readRingSignature), 0, RING_KEYS_MAX, "withdrawals"),
    counted: fields.number("counted"),
  };
  fields.finish();
  return count;
}

function readNamedKey(item) {
  const fields = new Fields(item, "a named member");
  const named = {
    key: readHex(fields.text("key"), 32, "a key"),
    ringKey: readHex(fields.text("ring_key"), 32, "a ring key"),
    tag: readHex(fields.text("tag"), 32, "a tag"),
    opening: readHex(fields.text("opening"), 64, "an opening"),
    signature: readHex(fields.text("signature"), 64, "a signature"),
  };
  fields.finish();
  return named;
}

function readRingSignature(text) {
  const scalars = text.length / TAG_DIGITS;
  if (scalars < 3 || scalars > RING_KEYS_MAX + 2 || !/^([0-9a-f]{64})+$/.test(text)) {
    refuse("a ring signature is not in its spelling");
  }
  return text;
}

// As it stands in the file, names ascending.
function plainCount(count) {
  if (count === null) return {};
  return {
    counted: count.counted,
    named: count.named.map((one) => ({
      key: one.key, opening: one.opening, ring_key: one.ringKey, signature: one.signature, tag: one.tag,
    })),
    ring: count.ring,
    sign_ons: count.signOns,
    withdrawals: count.withdrawals,
  };
}

// --- What is hashed and signed (wire/counted.py)

function ringDigest(ring) {
  return toHex(sha256(act(["meshcoal ring of signatories 1", ...ring.map((key) => `key: ${key}`)])));
}

function countedEvent(digest) {
  return joined(toBytes("meshcoal counted event 1\0"), fromHex(digest));
}

function countedText(first, digest, ring) {
  return act([first, `statement: ${digest}`, `ring: ${ring}`]);
}

function namedInRingText(digest, ring, { key, ringKey }) {
  return act(["meshcoal named in ring 1", `statement: ${digest}`, `ring: ${ring}`, `key: ${key}`,
    `ring key: ${ringKey}`]);
}

function ringTallyLines(count) {
  if (count === null) return [];
  const named = count.named.map((one) => `${one.key} ${one.ringKey}`).sort();
  const tags = count.signOns.map((signature) => signature.slice(0, TAG_DIGITS)).sort();
  return [
    `ring: ${ringDigest(count.ring)}`,
    ...named.map((line) => `in ring: ${line}`),
    `counted: ${tags.length}`,
    ...tags.map((tag) => `tag: ${tag}`),
  ];
}

// --- The group

function ringBytes(number, size) {
  return fromHex(BigInt(number).toString(16).padStart(2 * size, "0"));
}

function ringElement(hex) {
  const { ristretto255 } = lib_curves_ed25519;
  try {
    const found = ristretto255.Point.fromBytes(fromHex(hex));
    return found.equals(ristretto255.Point.ZERO) ? null : found;
  } catch {
    return null; // not the one spelling of an element
  }
}

// Multiples of a point for each digit of each window, so that a product is sums alone.
class Multiples {
  constructor(base, bits) {
    this.bits = BigInt(bits);
    this.half = 2 ** (bits - 1);
    this.windows = [];
    let step = base;
    for (let done = 0; done <= 253; done += bits) {
      const window = [step];
      while (window.length < this.half) window.push(window.at(-1).add(step));
      this.windows.push(window);
      step = window.at(-1).double();
    }
  }

  // Digits from 1 - half to half: half the table, for a point is negated for nothing.
  times(scalar, sum) {
    let left = scalar;
    let total = sum;
    for (const window of this.windows) {
      let digit = Number(left & ((1n << this.bits) - 1n));
      left >>= this.bits;
      if (digit > this.half) {
        digit -= 2 * this.half;
        left += 1n;
      }
      if (digit > 0) total = total.add(window[digit - 1]);
      else if (digit < 0) total = total.add(window[-digit - 1].negate());
    }
    return total;
  }
}

// Four times an element, as a point of the curve: the same for each of the points that stand for it.
function fourfold(element) {
  return element.ep.double().double();
}

// Which of these hold; all of one ring and event, walked around it together, so that each key's multiples are made once.
async function ringSignaturesHold(one, ring, event, wanted) {
  const { ed25519, ristretto255, ristretto255_hasher: hasher } = lib_curves_ed25519;
  const { ZERO } = ed25519.Point;
  if (!wanted.length) return [];
  const base = new Multiples(fourfold(ristretto255.Point.BASE), WINDOW_BITS.always);
  const ownBase = hasher.hashToCurve(event, { DST: toBytes("meshcoal ring event 1") });
  const own = new Multiples(fourfold(ownBase), WINDOW_BITS.always);
  const walks = wanted.map(({ message, signature }) => {
    const bytes = fromHex(signature);
    const scalars = Array.from({ length: bytes.length / 32 - 1 }, (_, i) =>
      littleEndian(bytes.subarray(32 * (i + 1), 32 * (i + 2))));
    const tag = ringElement(signature.slice(0, TAG_DIGITS));
    const formed = scalars.length === ring.length + 1 && tag !== null
      && scalars.every((scalar) => scalar > 0n && scalar < ORDER);
    if (!formed) return null;
    const head = joined(toBytes("meshcoal ring challenge 1\0"), ringBytes(ring.length, 2), ...ring.map(fromHex),
      ringBytes(event.length, 2), event, bytes.subarray(0, 32), ringBytes(message.length, 8), message);
    return { scalars, head, tagged: new Multiples(fourfold(tag), WINDOW_BITS.tag), challenge: scalars[0] };
  });
  for (const [i, key] of ring.entries()) {
    const multiples = walks.some((walk) => walk) ? new Multiples(fourfold(ringElement(key)), WINDOW_BITS.key) : null;
    for (const walk of walks) {
      if (walk === null) continue;
      const answer = walk.scalars[i + 1];
      const left = multiples.times(walk.challenge, base.times(answer, ZERO));
      const right = walk.tagged.times(walk.challenge, own.times(answer, ZERO));
      const ends = lib_curves_abstract_curve.normalizeZ(ed25519.Point, [left, right]).map((end) => end.toBytes());
      walk.challenge = littleEndian(sha512(joined(walk.head, ...ends))) % ORDER;
    }
    await one.rest();
  }
  return walks.map((walk) => walk !== null && walk.challenge === walk.scalars[0]);
}

// Whether the owner of a ring key opened their tag, saying this: RFC 9497, 2.2.2.
function openingHolds(ringKey, event, tag, message, proof) {
  const { ed25519, ristretto255, ristretto255_hasher: hasher } = lib_curves_ed25519;
  const { expand_message_xmd: expand } = lib_curves_abstract_hash_to_curve;
  const [keyPoint, tagPoint] = [ringElement(ringKey), ringElement(tag)];
  const bytes = fromHex(proof);
  const [challenge, response] = [littleEndian(bytes.subarray(0, 32)), littleEndian(bytes.subarray(32))];
  if (keyPoint === null || tagPoint === null || challenge >= ORDER || response >= ORDER) return false;
  const context = joined(toBytes("meshcoal ring opening 1\0"), sha512(message));
  const label = (name) => joined(toBytes(name), context);
  const sized = (part) => joined(ringBytes(part.length, 2), part);
  const scalar = (part) => littleEndian(expand(part, label("HashToScalar-"), 64, lib_hashes_sha2.sha512)) % ORDER;
  const own = hasher.hashToCurve(event, { DST: toBytes("meshcoal ring event 1") });
  const seed = sha512(joined(sized(fromHex(ringKey)), sized(label("Seed-"))));
  const weight = scalar(joined(sized(seed), ringBytes(0, 2), sized(own.toBytes()), sized(fromHex(tag)),
    toBytes("Composite")));
  const [m, z] = [own.multiplyUnsafe(weight), tagPoint.multiplyUnsafe(weight)];
  const both = (a, b) => a.multiplyUnsafe(response).add(b.multiplyUnsafe(challenge));
  const spoken = [keyPoint, m, z, both(ristretto255.Point.BASE, keyPoint), both(m, z)];
  return scalar(joined(...spoken.map((part) => sized(part.toBytes())), toBytes("Challenge"))) === challenge;
}

// --- The checks

async function checkUnnamed(one) {
  const count = one.found.unnamed;
  one.unnamed = 0;
  if (count === null) return;
  const before = one.findings.length;
  if (one.text && !one.text.modes.includes("counted")) one.say("problem", "counted-mode");
  if (!ascending(count.ring) || count.ring.some((key) => ringElement(key) === null)) {
    one.say("problem", "ring.broken");
    return;
  }
  const ring = ringDigest(count.ring);
  const event = countedEvent(one.found.digest);
  const named = await checkInRing(one, count, ring, event);
  const good = await checkCounted(one, count, ring, event, named);
  const gone = await checkCountedWithdrawals(one, count, ring, event, good);
  one.unnamed = good.size - gone;
  if (count.counted !== one.unnamed) one.say("problem", "counts.unnamed");
  if (one.findings.length === before) sayCount(one, count, gone);
}

async function checkInRing(one, count, ring, event) {
  const names = new Map(one.found.signOns.map((entry) => [entry.key, entry.name]));
  if (!ascending(count.named.map((entry) => entry.key))) one.say("problem", "in-ring.order");
  const tags = new Set();
  for (const entry of count.named) {
    const name = names.get(entry.key);
    if (name === undefined) {
      one.say("problem", "in-ring.stray");
      continue;
    }
    if (tags.has(entry.tag)) one.say("problem", "in-ring.doubled", { name });
    tags.add(entry.tag);
    const message = namedInRingText(one.found.digest, ring, entry);
    const holds = count.ring.includes(entry.ringKey)
      && (await one.holds(entry.key, message, entry.signature, { key: "ring", values: {} }))
      && openingHolds(entry.ringKey, event, entry.tag, message, entry.opening);
    if (!holds) one.say("problem", "in-ring.forged", { name });
  }
  return tags;
}

async function checkCounted(one, count, ring, event, named) {
  const tags = count.signOns.map((signature) => signature.slice(0, TAG_DIGITS));
  if (tags.some((tag, i) => i > 0 && tags[i - 1] > tag)) one.say("problem", "counted-order");
  const message = countedText("meshcoal counted sign-on 1", one.found.digest, ring);
  const verdicts = await ringSignaturesHold(one, count.ring, event,
    count.signOns.map((signature) => ({ message, signature })));
  const [good, seen] = [new Set(), new Set()];
  for (const [i, tag] of tags.entries()) {
    if (seen.has(tag)) one.say("problem", "counted-doubled", { place: i + 1 });
    else if (named.has(tag)) one.say("problem", "counted-named", { place: i + 1 });
    else if (verdicts[i]) good.add(tag);
    else one.say("problem", "counted-signature", { place: i + 1 });
    seen.add(tag);
  }
  return good;
}

async function checkCountedWithdrawals(one, count, ring, event, good) {
  const tags = count.withdrawals.map((signature) => signature.slice(0, TAG_DIGITS));
  if (!ascending(tags)) one.say("problem", "counted-withdrawal.order");
  const message = countedText("meshcoal counted withdrawal 1", one.found.digest, ring);
  const verdicts = await ringSignaturesHold(one, count.ring, event,
    count.withdrawals.map((signature) => ({ message, signature })));
  const gone = new Set();
  for (const [i, tag] of tags.entries()) {
    if (!good.has(tag)) one.say("problem", "counted-withdrawal.stray");
    else if (verdicts[i]) gone.add(tag);
    else one.say("problem", "counted-withdrawal.forged");
  }
  return gone.size;
}

function sayCount(one, count, gone) {
  const crowd = count.ring.length - count.named.length;
  if (count.named.length) one.say("ok", "ring.ok", { count: count.named.length, number: count.ring.length });
  else one.say("notice", "ring.nobody", { number: count.ring.length });
  one.say("ok", "counted", { count: one.unnamed, number: crowd });
  if (gone) one.say("notice", "counted-withdrawn", { count: gone });
  if (one.unnamed && one.unnamed === crowd) one.say("notice", "crowd.everybody");
  else if (one.unnamed && crowd < MEMBERS_CROWD_MIN) one.say("notice", "crowd.small", { count: crowd });
  const inside = new Set(count.named.map((entry) => entry.key));
  const others = new Set(one.found.signOns.map((entry) => entry.key).filter((key) => !inside.has(key)));
  if (others.size) one.say("notice", "not-in-ring", { count: others.size });
  const later = one.found.addenda.reduce((sum, addendum) => sum + addendum.signOns.length, 0);
  if (one.unnamed && later) one.say("notice", "counted-later", { count: later });
}
