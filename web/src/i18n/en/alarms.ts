/** What the encryption engine found, by the names of crates/e2ee; `alarm`: one that this build does not know. */
export const alarms = {
  alarm: "The server showed something that does not fit. Nothing unsafe was done.",
  alarms: {
    bad_identity: "The server showed keys of somebody that are not validly signed. They are not used.",
    self_signing_key_changed:
      "The server showed another key than before for signing somebody's devices. It is not used.",
    list_refused: "The server showed a list of somebody's devices that does not follow the one before. It is not used.",
    list_forked: "The server showed two lists of somebody's devices under one number. The later one is not used.",
    list_rolled_back: "The server showed an older list of somebody's devices than before. It is not used.",
    unsigned_device: "The server named a device that its owner did not sign. Nothing is sent to it.",
    forged_one_time_key: "The server gave a key that its device did not sign. It is not used.",
    ghost_member: "The server named somebody as a member of a chat whom no member let in. Nothing is sent to them.",
    membership_refused:
      "The server showed a change of a group that is not validly signed, or not allowed. It is not followed.",
    membership_by_revoked_device:
      "A change of a group came from a device that its owner has signed out. Look at who is in your groups.",
    member_key_mismatch:
      "A chat names another key of a member than the one you know. Nothing is sent to them while it differs.",
    roster_rolled_back: "The server showed older members of a chat than before. They are not used.",
    foreign_room_key: "A device sent a key for messages that are another device's. It is not used.",
    backup_refused: "The server showed a key backup that you did not sign, or an older one. It is not used.",
    acknowledged_lost:
      "The server lost a message of yours that it had taken. Others may not have got it. What you write now is sent.",
  },
};
