"""A device written on an independent implementation of Olm and Megolm.

Reads one JSON command a line and answers one JSON line. The argument names the implementation: `olm` (libolm's own
Python bindings, package python-olm) or `vodozemac` (Python bindings of vodozemac in the version that they bundle).
"""

import base64
import json
import sys


def encode(data):
    return base64.b64encode(data).decode().rstrip("=")


def decode(text):
    return base64.b64decode(text + "=" * (-len(text) % 4))


def canonical(value):
    """Canonical JSON without `signatures` and `unsigned`, written here on purpose with nothing but the standard library."""
    kept = {key: item for key, item in value.items() if key not in ("signatures", "unsigned")}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Libolm:
    def __init__(self):
        import olm

        self.olm = olm
        self.account = olm.Account()
        self.account.generate_one_time_keys(2)
        self.session = None
        self.group = olm.OutboundGroupSession()
        self.inbound = {}

    def keys(self):
        return {**self.account.identity_keys, "one_time_keys": self.account.one_time_keys["curve25519"]}

    def sign(self, text):
        return self.account.sign(text)

    def verify(self, key, text, signature):
        self.olm.ed25519_verify(key, text, signature)

    def olm_decrypt(self, sender_key, message_type, body):
        message = (self.olm.OlmPreKeyMessage if message_type == 0 else self.olm.OlmMessage)(body)
        if self.session is None:
            self.session = self.olm.InboundSession(self.account, message, sender_key)
            self.account.remove_one_time_keys(self.session)
        return self.session.decrypt(message)

    def olm_encrypt(self, identity_key, one_time_key, plaintext):
        if self.session is None:
            self.session = self.olm.OutboundSession(self.account, identity_key, one_time_key)
        message = self.session.encrypt(plaintext)
        return message.message_type, message.ciphertext

    def group_key(self):
        return self.group.id, self.group.session_key

    def megolm_encrypt(self, plaintext):
        return self.group.encrypt(plaintext)

    def megolm_decrypt(self, session_key, ciphertext):
        session = self.inbound.setdefault(session_key, self.olm.InboundGroupSession(session_key))
        return session.decrypt(ciphertext)


class Vodozemac:
    def __init__(self):
        import vodozemac

        self.lib = vodozemac
        self.account = vodozemac.Account()
        self.account.generate_one_time_keys(2)
        self.session = None
        self.group = vodozemac.GroupSession()
        self.inbound = {}

    def keys(self):
        return {
            "ed25519": self.account.ed25519_key.to_base64(),
            "curve25519": self.account.curve25519_key.to_base64(),
            "one_time_keys": {id: key.to_base64() for id, key in self.account.one_time_keys.items()},
        }

    def sign(self, text):
        return self.account.sign(text.encode()).to_base64()

    def verify(self, key, text, signature):
        key = self.lib.Ed25519PublicKey.from_base64(key)
        key.verify_signature(text.encode(), self.lib.Ed25519Signature.from_base64(signature))

    def olm_decrypt(self, sender_key, message_type, body):
        message = self.lib.AnyOlmMessage.from_parts(message_type, decode(body))
        if self.session is None:
            sender = self.lib.Curve25519PublicKey.from_base64(sender_key)
            self.session, plaintext = self.account.create_inbound_session(sender, message.to_pre_key())
        else:
            plaintext = self.session.decrypt(message)
        return bytes(plaintext).decode()

    def olm_encrypt(self, identity_key, one_time_key, plaintext):
        if self.session is None:
            key = self.lib.Curve25519PublicKey.from_base64
            self.session = self.account.create_outbound_session(key(identity_key), key(one_time_key))
        message_type, body = self.session.encrypt(plaintext.encode()).to_parts()
        return message_type, encode(bytes(body))

    def group_key(self):
        return self.group.session_id, self.group.session_key.to_base64()

    def megolm_encrypt(self, plaintext):
        return self.group.encrypt(plaintext.encode()).to_base64()

    def megolm_decrypt(self, session_key, ciphertext):
        if session_key not in self.inbound:
            self.inbound[session_key] = self.lib.InboundGroupSession(self.lib.SessionKey(session_key))
        decrypted = self.inbound[session_key].decrypt(self.lib.MegolmMessage.from_base64(ciphertext))
        return bytes(decrypted.plaintext).decode(), decrypted.message_index


def answer(peer, command):
    op = command.pop("op")
    if op == "sign":
        return {"signature": peer.sign(canonical(command["object"]))}
    if op == "verify":
        try:
            peer.verify(command["key"], canonical(command["object"]), command["signature"])
        except Exception as error:
            return {"ok": False, "error": repr(error)}
        return {"ok": True}
    if op == "keys":
        return peer.keys()
    if op == "group_key":
        return dict(zip(("session_id", "session_key"), peer.group_key()))
    if op == "olm_decrypt":
        return {"plaintext": peer.olm_decrypt(**command)}
    if op == "olm_encrypt":
        return dict(zip(("type", "body"), peer.olm_encrypt(**command)))
    if op == "megolm_encrypt":
        return {"ciphertext": peer.megolm_encrypt(**command)}
    if op == "megolm_decrypt":
        return dict(zip(("plaintext", "index"), peer.megolm_decrypt(**command)))
    raise ValueError(op)


def main():
    peer = {"olm": Libolm, "vodozemac": Vodozemac}[sys.argv[1]]()
    for line in sys.stdin:
        print(json.dumps(answer(peer, json.loads(line))), flush=True)


main()
