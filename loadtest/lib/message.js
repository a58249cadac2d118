// Messages of random bytes: the server can't tell them from encrypted ones.

import encoding from 'k6/encoding';

const CIPHERTEXT_BYTES = 300;

function random(length) {
  const bytes = new Uint8Array(length);
  crypto.getRandomValues(bytes);
  return encoding.b64encode(bytes.buffer, 'rawstd');
}

/** A message as `send` frames and `POST /api/conversations/{conversation_id}/messages` take it. */
export function message(roster_version, previous) {
  return {
    txn_id: crypto.randomUUID(),
    ...(previous && { prev_txn_id: previous }),
    roster_version,
    content: { algorithm: 'm.megolm.v1.aes-sha2', session_id: random(32), ciphertext: random(CIPHERTEXT_BYTES) },
  };
}
