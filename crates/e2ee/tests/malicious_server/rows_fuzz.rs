//! Rows 16 and 41: what a server makes up or garbles while devices meet is refused, and never a panic.

use proptest::prelude::*;
use sotto_e2ee::{
    linking::{LinkAction, LinkDone, LinkEvent, LinkIntent, LinkQr, TypedCode, normalize_base_url},
    safety_number,
};
use sotto_protocol::UserId;

use crate::{
    pair,
    scene::{Scene, Side, WAYS, Way},
};

/// What is done to a content, or to a QR code.
#[derive(Clone, Debug)]
enum Garble {
    Random(Vec<u8>),
    /// A header that fits, and nothing sensible after it.
    Headed(u8, u8, Vec<u8>),
    Flip(usize, u8),
    Cut(usize),
    Extend(Vec<u8>),
    /// Everything after this many bytes is another content's.
    Splice(usize, usize),
}

fn garble() -> impl Strategy<Value = Garble> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..300);
    prop_oneof![
        bytes().prop_map(Garble::Random),
        (0u8..9, 0u8..5, bytes()).prop_map(|(step, intent, rest)| Garble::Headed(step, intent, rest)),
        (any::<usize>(), 1u8..).prop_map(|(at, bits)| Garble::Flip(at, bits)),
        any::<usize>().prop_map(Garble::Cut),
        prop::collection::vec(any::<u8>(), 1..50).prop_map(Garble::Extend),
        (any::<usize>(), any::<usize>()).prop_map(|(at, other)| Garble::Splice(at, other)),
    ]
}

fn apply(garble: Garble, content: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = content.to_vec();
    let length = bytes.len().max(1);
    match garble {
        Garble::Random(random) => bytes = random,
        Garble::Headed(step, intent, rest) => bytes = [vec![1, step, intent], rest].concat(),
        Garble::Flip(at, bits) => {
            if let Some(byte) = bytes.get_mut(at % length) {
                *byte ^= bits;
            }
        }
        Garble::Cut(at) => bytes.truncate(at % length),
        Garble::Extend(more) => bytes.extend(more),
        Garble::Splice(at, other) => {
            let other = others.get(other % others.len().max(1)).map_or(&[][..], Vec::as_slice);
            let at = at % length;
            bytes.truncate(at);
            bytes.extend(other.get(at..).unwrap_or_default());
        }
    }
    bytes
}

fn is_refusal(action: &LinkAction) -> bool {
    match action {
        LinkAction::Delete | LinkAction::Failed(_) | LinkAction::Done(LinkDone::Linked { handed_over: false }) => true,
        LinkAction::Done(LinkDone::Entered(entered)) => !entered.has_secrets,
        _ => false,
    }
}

/// More with `PROPTEST_CASES`.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(128)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn row_41_a_garbled_content_is_refused_or_ignored_at_every_step(
        way in 0usize..3,
        steps in 0usize..60,
        to_existing in any::<bool>(),
        garble in garble(),
    ) {
        let way = WAYS[way];
        let mut scene = Scene::new(way);
        for _ in 0..steps {
            let _ = scene.perform_next() || scene.deliver();
        }
        let side = if to_existing { Side::Existing } else { Side::New };
        let others: Vec<Vec<u8>> = scene.puts.iter().map(|(_, content)| content.clone()).collect();
        let content = scene.slot.as_ref().map(|slot| slot.content.clone()).unwrap_or_default();
        let garbled = apply(garble, &content, &others);
        prop_assume!(garbled != content && !others.contains(&garbled));
        // Before m1 who scanned or typed has nothing to check a content by: it says hello to whoever is there.
        let caller = if way == Way::NewShows { Side::Existing } else { Side::New };
        let says_hello = side == caller && others.is_empty();
        let before = scene.queue.len();
        scene.feed(side, LinkEvent::Slot { content: garbled, token: "made up".to_owned(), same_network: None });
        let reacted = scene.queue.len() > before;
        if !says_hello {
            prop_assert!(scene.queue.iter().skip(before).all(|(_, action)| is_refusal(action)));
        }
        scene.run();
        prop_assert!(!(says_hello && reacted) || scene.granted.is_none());
    }

    #[test]
    fn row_16_what_is_typed_or_scanned_is_never_a_panic(text in "\\PC{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(code) = TypedCode::parse(&text) {
            prop_assert_eq!(TypedCode::parse(&code.to_string()).map(|again| again.to_string()), Some(code.to_string()));
        }
        for text in [&text, &format!("https://{text}"), &String::from_utf8_lossy(&bytes).into_owned()] {
            if let Some(url) = normalize_base_url(text) {
                prop_assert_eq!(normalize_base_url(&url), Some(url), "the one form");
            }
        }
        let user = UserId(uuid::Uuid::nil());
        prop_assert_eq!(safety_number((user, &text), (user, &text)), None);
    }

    #[test]
    fn row_16_a_garbled_qr_code_is_refused_or_names_another_key_or_place(garble in garble()) {
        let qr = Scene::new(Way::ExistingShows).qr.unwrap();
        let garbled = apply(garble, &qr, &[]);
        prop_assume!(garbled != qr);
        if let Ok(read) = LinkQr::parse(&garbled, LinkIntent::ExistingShows) {
            prop_assert_eq!(read.to_bytes(), garbled);
        }
    }

    #[test]
    fn row_16_a_garbled_verification_code_verifies_nobody(garble in garble()) {
        let (server, mut alice, mut bob, _) = pair();
        alice.query(&server, &[bob.user_id()]);
        bob.query(&server, &[alice.user_id()]);
        let code = alice.machine.verification_qr(bob.user_id()).unwrap();
        let garbled = apply(garble, &code, &[]);
        prop_assume!(garbled != code);
        prop_assert!(bob.machine.verify_by_qr(alice.user_id(), &garbled).is_err());
        prop_assert_eq!(bob.machine.trust(alice.user_id()), sotto_e2ee::Trust::FirstUse);
        prop_assert!(bob.machine.verify_by_qr(alice.user_id(), &code).is_ok());
    }
}
