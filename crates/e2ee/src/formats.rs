//! The plaintext formats are frozen: other clients read them.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sotto_protocol::{events::GoneReason, keys::DeviceKeys};
use uuid::Uuid;

use crate::{
    EventOutcome, Mention, MessageBody, RefusalReason, Shown, WaitReason, Warning,
    history::HistoryMessage,
    megolm_in::KeyOrigin,
    olm_payload::{OlmBody, OlmPayload},
    plaintext::{Core, Plaintext, core_hash},
    roster::RosterSummary,
    secrets::{RecoveryKey, Seed},
    verdicts::Verification,
};

fn core(n: u64, prev: Option<String>) -> Core {
    let body = serde_json::to_string(&MessageBody::text("hi \"you\"")).unwrap();
    Core {
        conversation_id: Uuid::from_u128(1).into(),
        sender_user_id: Uuid::from_u128(2).into(),
        sender_device_id: Uuid::from_u128(3).into(),
        txn_id: Uuid::from_u128(4).into(),
        n,
        prev,
        body: RawValue::from_string(body).unwrap(),
    }
}

#[test]
fn the_megolm_plaintext_is_frozen() {
    let first = serde_json::to_string(&core(1, None)).unwrap();
    let second = serde_json::to_string(&core(2, Some(core_hash(&first)))).unwrap();
    let plaintext = |core: String| {
        let core = RawValue::from_string(core).unwrap();
        serde_json::to_string(&Plaintext { v: 1, roster_version: 5, roster: "hash".to_owned(), core }).unwrap()
    };
    insta::assert_snapshot!([plaintext(first), plaintext(second)].join("\n"));
}

#[test]
fn a_message_may_hold_what_later_versions_add() {
    let text = r#"{"v":1,"later":1,"roster_version":5,"roster":"h","core":{"conversation_id":"00000000-0000-0000-0000-000000000001","sender_user_id":"00000000-0000-0000-0000-000000000001","sender_device_id":"00000000-0000-0000-0000-000000000001","txn_id":"00000000-0000-0000-0000-000000000001","n":1,"later":2,"body":{"type":"later"}}}"#;
    let plaintext: Plaintext = serde_json::from_str(text).unwrap();
    let core: Core = serde_json::from_str(plaintext.core.get()).unwrap();
    assert_eq!(core.body.get(), r#"{"type":"later"}"#);
}

fn verification() -> Verification {
    let json = r#"{"user_id":"00000000-0000-0000-0000-000000000002","master_key":"3q2+7w","verified":true,"n":1}"#;
    serde_json::from_str(json).unwrap()
}

#[test]
fn the_olm_plaintexts_are_frozen() {
    let device_keys = DeviceKeys {
        user_id: Uuid::from_u128(2).into(),
        device_id: Uuid::from_u128(3).into(),
        algorithms: vec![],
        keys: BTreeMap::new(),
        signatures: BTreeMap::new(),
    };
    let (session_id, session_key) = ("session".to_owned(), "key".to_owned());
    let bodies = [
        OlmBody::RoomKey {
            session_id: session_id.clone(),
            session_key: session_key.clone(),
            n: 7,
            prev: Some("hash".to_owned()),
        },
        OlmBody::ForwardedRoomKey {
            session_id: session_id.clone(),
            session_key,
            owner_device_id: Uuid::from_u128(3).into(),
        },
        OlmBody::KeyRequest { session_id },
        OlmBody::SelfSigningKey { seed: Seed::from_slice(&[7; 32]).unwrap() },
        OlmBody::Verifications { people: vec![verification()] },
        OlmBody::Dummy {},
    ];
    let text = bodies.map(|content| {
        let payload = OlmPayload {
            v: 1,
            sender_user_id: Uuid::from_u128(2).into(),
            sender_device_id: Uuid::from_u128(3).into(),
            sender_ed25519: "sender's".to_owned(),
            sender_device_keys: matches!(content, OlmBody::RoomKey { .. }).then(|| device_keys.clone()),
            recipient_user_id: Uuid::from_u128(5).into(),
            recipient_device_id: Uuid::from_u128(6).into(),
            recipient_ed25519: "recipient's".to_owned(),
            conversation_id: (!matches!(content, OlmBody::SelfSigningKey { .. })).then(|| Uuid::from_u128(1).into()),
            content,
        };
        serde_json::to_string_pretty(&payload).unwrap()
    });
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn the_bodies_are_frozen() {
    let target = Uuid::from_u128(4).into();
    let mention = Mention { user_id: Uuid::from_u128(2).into(), start: 3, length: 4 };
    let bodies = [
        MessageBody::text("text"),
        MessageBody::Reply { target, text: "reply".to_owned(), mentions: vec![] },
        MessageBody::Edit { target, text: "edit".to_owned(), mentions: vec![] },
        MessageBody::Reaction { target, emoji: "👍".to_owned(), remove: false },
        MessageBody::Reaction { target, emoji: "👍".to_owned(), remove: true },
        MessageBody::RoomName { name: "name".to_owned() },
        MessageBody::Text { text: "hi @ada".to_owned(), mentions: vec![mention] },
        MessageBody::Timer { after_ms: Some(86_400_000) },
        MessageBody::Timer { after_ms: None },
    ];
    insta::assert_snapshot!(bodies.map(|body| serde_json::to_string(&body).unwrap()).join("\n"));
}

#[test]
fn the_outcomes_of_events_are_frozen() {
    let (conversation_id, txn_id) = (Uuid::from_u128(1).into(), Uuid::from_u128(4).into());
    let shown = Shown {
        conversation_id,
        seq: 5,
        txn_id,
        sender_user_id: Uuid::from_u128(2).into(),
        sender_device_id: Uuid::from_u128(3).into(),
        created_at_ms: 6,
        expires_at_ms: Some(7),
        counter: 8,
        body_json: "{}".to_owned(),
        key_origin: KeyOrigin::Owner,
        warnings: vec![Warning::Hole { missing: 9 }, Warning::Swapped, Warning::RosterMismatch, Warning::SenderRevoked],
    };
    let wait = |reason| EventOutcome::Undecryptable { conversation_id, seq: 5, reason };
    let refuse = |reason| EventOutcome::Refused { conversation_id, seq: 5, reason };
    let outcomes = [
        EventOutcome::Shown(shown),
        wait(WaitReason::NoSession),
        wait(WaitReason::BeforeFirstIndex),
        refuse(RefusalReason::Malformed),
        refuse(RefusalReason::WrongSender),
        refuse(RefusalReason::WrongConversation),
        refuse(RefusalReason::WrongTxn),
        refuse(RefusalReason::Replayed),
        refuse(RefusalReason::NotAMember),
        refuse(RefusalReason::UnknownDevice),
        EventOutcome::Removal { conversation_id, seq: 5, sender_user_id: Uuid::from_u128(2).into(), target_seq: 4 },
        EventOutcome::Gone { conversation_id, seq: 5, txn_id, reason: GoneReason::Removed },
        EventOutcome::Gone { conversation_id, seq: 5, txn_id, reason: GoneReason::Expired },
        EventOutcome::Duplicate,
        EventOutcome::NeedsRoster(conversation_id),
        EventOutcome::NeedsIdentity(Uuid::from_u128(2).into()),
    ];
    insta::assert_snapshot!(outcomes.map(|outcome| serde_json::to_string(&outcome).unwrap()).join("\n"));
}

#[test]
fn the_documented_plaintexts_and_secrets_are_what_the_code_makes() {
    let document = include_str!("../../../docs/API-DESIGN.md");
    let summary = RosterSummary {
        chain: "AnxYMEvE1J9ZEWZuCrVfpEEJRgnTbGlA1QUn7ATzwFI",
        lists: sotto_identity::SortedMap::from_iter([
            (Uuid::from_u128(2).to_string(), Some("Mm5CMgm+B1Ki6OPIl8A/3nyhrBxxtV1B+et26nlyMu0")),
            (Uuid::from_u128(3).to_string(), None),
        ]),
    };
    let mut lines = vec![sotto_identity::canonical_json(&summary).unwrap(), sotto_identity::hash(&summary).unwrap()];
    let message = HistoryMessage {
        conversation_id: Uuid::from_u128(1).into(),
        seq: 7,
        txn_id: Uuid::from_u128(4).into(),
        sender_user_id: Uuid::from_u128(2).into(),
        sender_device_id: Uuid::from_u128(3).into(),
        created_at_ms: 1_764_000_000_000,
        expires_at_ms: None,
        counter: 3,
        body_json: r#"{"type":"text","text":"hi"}"#.to_owned(),
    };
    lines.push(sotto_json::to_string(&message).unwrap());
    lines.push(RecoveryKey::of([7; 32]).to_text().to_string());
    lines.push(serde_json::to_string(&OlmBody::Verifications { people: vec![verification()] }).unwrap());
    for frozen in ["the_megolm_plaintext_is_frozen", "the_bodies_are_frozen"]
        .map(|name| format!("sotto_e2ee__formats__{name}.snap"))
    {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/snapshots").join(frozen);
        let text = std::fs::read_to_string(path).unwrap();
        lines.extend(text.lines().skip_while(|line| !line.starts_with('{')).map(str::to_owned));
    }
    let missing: Vec<&String> = lines.iter().filter(|line| !document.contains(line.as_str())).collect();
    assert!(missing.is_empty(), "docs/API-DESIGN.md lacks or changed these:\n{missing:#?}");
}
