// Verifies ring signatures and opened tags with noble-curves 1.9: docs/protocol/ring-signatures.md in JavaScript, for
// pages that people check letters with. Tried by hand against tests/vectors/ring.json and counted.json; no test runs it.
// Public values only: nothing here takes the same time for every input.
import { ed25519, ristretto255, ristretto255_hasher } from '@noble/curves/ed25519';
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve';
import { sha512 } from '@noble/hashes/sha2';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils';

const l = ed25519.CURVE.n, Point = ristretto255.Point;
const number = b => b.reduceRight((n, byte) => (n << 8n) + BigInt(byte), 0n);
const big = (n, size) => Uint8Array.from({ length: size }, (_, i) => Number(BigInt(n) >> BigInt(8 * (size - 1 - i)) & 255n));
const base = event => ristretto255_hasher.hashToCurve(event, { DST: 'meshcoal ring event 1' });
const spell4 = x => x.ep.double().double().toBytes();
const sum = (s, a, c, b) => a.multiplyUnsafe(s).add(b.multiplyUnsafe(c));

/** The tag, or null. keys: ascending, none twice. */
export function verifyRing(keys, event, message, signature) {
  const parts = [];
  for (let at = 0; at < signature.length; at += 32) parts.push(signature.subarray(at, at + 32));
  const [tag, ...scalars] = parts;
  if (signature.length !== 32 * (keys.length + 2)) return null;
  const values = scalars.map(number);
  if (values.some(v => v === 0n || v >= l)) return null;
  let tagged, ring;
  try { tagged = Point.fromHex(tag); ring = keys.map(k => Point.fromHex(k)); } catch { return null; }
  if (tagged.equals(Point.ZERO) || ring.some(k => k.equals(Point.ZERO))) return null;
  const head = concatBytes(utf8ToBytes('meshcoal ring challenge 1\0'), big(keys.length, 2), ...keys,
    big(event.length, 2), event, tag, big(message.length, 8), message);
  const h = base(event);
  let c = values[0];
  ring.forEach((key, i) => {
    const s = values[i + 1];
    const ends = concatBytes(spell4(sum(s, Point.BASE, c, key)), spell4(sum(s, h, c, tagged)));
    c = number(sha512(concatBytes(head, ends))) % l;
  });
  return c === values[0] ? tag : null;
}

/** Whether the owner of `key` opened `tag`, saying `message`: RFC 9497, 2.2.2. */
export function checkOpening(key, event, tag, message, proof) {
  const context = concatBytes(utf8ToBytes('meshcoal ring opening 1\0'), sha512(message));
  const label = name => concatBytes(utf8ToBytes(name), context);
  const sized = b => concatBytes(big(b.length, 2), b);
  const scalar = b => number(expand_message_xmd(b, label('HashToScalar-'), 64, sha512)) % l;
  const [c, s] = [number(proof.subarray(0, 32)), number(proof.subarray(32))];
  if (proof.length !== 64 || c >= l || s >= l) return false;
  const h = base(event), b = Point.fromHex(key), d = Point.fromHex(tag);
  if (b.equals(Point.ZERO) || d.equals(Point.ZERO)) return false;
  const seed = sha512(concatBytes(sized(key), sized(label('Seed-'))));
  const weight = scalar(concatBytes(sized(seed), big(0, 2), sized(h.toBytes()), sized(tag), utf8ToBytes('Composite')));
  const m = h.multiplyUnsafe(weight), z = d.multiplyUnsafe(weight);
  const spoken = [b, m, z, sum(s, Point.BASE, c, b), sum(s, m, c, z)].map(p => sized(p.toBytes()));
  return scalar(concatBytes(...spoken, utf8ToBytes('Challenge'))) === c;
}
