use ed25519_dalek::Signer as _;
use proptest::prelude::*;
use sotto_identity::{MembershipError, MembershipState, check_change_signature, device_key_id, hash, sign};
use sotto_protocol::{
    UserId,
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember, Role},
};
use uuid::Uuid;

use crate::support::{Account, Device, public};

fn user(n: u8) -> UserId {
    Account::new(n).user_id
}

fn new(n: u8, role: Role) -> NewMember {
    NewMember { user_id: user(n), master_key: public(&Account::new(n).master), role }
}

fn link(state: Option<&MembershipState>, actor: u8, action: MembershipAction) -> MembershipChange {
    MembershipChange {
        conversation_id: Uuid::from_u128(7).into(),
        index: state.map_or(1, |state| state.index + 1),
        prev_hash: state.map(|state| state.head_hash.clone()),
        action,
        actor_user_id: user(actor),
        actor_device_id: Device::new(actor).device_id,
        signatures: std::collections::BTreeMap::default(),
    }
}

fn create(kind: ConversationKind, members: Vec<NewMember>) -> Result<MembershipState, MembershipError> {
    MembershipState::start(&link(None, 1, MembershipAction::Create { kind, members }))
}

fn group() -> MembershipState {
    let members = vec![new(1, Role::Admin), new(2, Role::Member), new(3, Role::Member)];
    create(ConversationKind::Group, members).unwrap()
}

fn act(state: &mut MembershipState, actor: u8, action: MembershipAction) -> Result<(), MembershipError> {
    let change = link(Some(state), actor, action);
    let before = state.clone();
    let result = state.apply(&change);
    if result.is_err() {
        assert_eq!(*state, before, "a refused link changes nothing");
    } else {
        assert_eq!(state.head_hash, hash(&change).unwrap());
    }
    result
}

#[test]
fn a_direct_conversation_is_of_two_admins_for_ever() {
    use ConversationKind::Direct;
    let mut state = create(Direct, vec![new(1, Role::Admin), new(2, Role::Admin)]).unwrap();
    assert!(create(Direct, vec![new(1, Role::Admin), new(2, Role::Member)]).is_err());
    assert!(create(Direct, vec![new(1, Role::Admin)]).is_err());
    assert!(create(Direct, vec![new(1, Role::Admin), new(2, Role::Admin), new(3, Role::Admin)]).is_err());
    assert!(create(Direct, vec![new(2, Role::Admin), new(3, Role::Admin)]).is_err(), "the creator is in");
    let add = MembershipAction::Add { members: vec![new(3, Role::Member)] };
    for action in [
        add,
        MembershipAction::Remove { user_id: user(2) },
        MembershipAction::SetRole { user_id: user(2), role: Role::Member },
        MembershipAction::Leave {},
    ] {
        assert!(matches!(act(&mut state, 1, action), Err(MembershipError::Direct)));
    }
    act(&mut state, 2, MembershipAction::SetRetention { retention_ms: Some(1_000) }).unwrap();
    assert_eq!(state.retention_ms, Some(1_000));
    assert!(act(&mut state, 2, MembershipAction::SetRetention { retention_ms: Some(999) }).is_err());
}

#[test]
fn only_admins_change_a_group() {
    let mut state = group();
    let add = || MembershipAction::Add { members: vec![new(4, Role::Member)] };
    assert!(matches!(act(&mut state, 2, add()), Err(MembershipError::NotAnAdmin)));
    assert!(matches!(act(&mut state, 9, add()), Err(MembershipError::NotAMember)));
    act(&mut state, 1, add()).unwrap();
    assert!(matches!(act(&mut state, 1, add()), Err(MembershipError::AlreadyAMember)));
    assert!(matches!(act(&mut state, 1, MembershipAction::Remove { user_id: user(1) }), Err(MembershipError::Oneself)));
    act(&mut state, 1, MembershipAction::Remove { user_id: user(2) }).unwrap();
    assert!(matches!(act(&mut state, 2, MembershipAction::Leave {}), Err(MembershipError::NotAMember)));
    let step_down = MembershipAction::SetRole { user_id: user(1), role: Role::Member };
    assert!(matches!(act(&mut state, 1, step_down.clone()), Err(MembershipError::LastAdmin)));
    act(&mut state, 1, MembershipAction::SetRole { user_id: user(3), role: Role::Admin }).unwrap();
    act(&mut state, 1, step_down).unwrap();
}

#[test]
fn when_the_last_admin_leaves_the_longest_member_leads() {
    let mut state = group();
    act(&mut state, 1, MembershipAction::Add { members: vec![new(4, Role::Member)] }).unwrap();
    act(&mut state, 1, MembershipAction::Leave {}).unwrap();
    assert_eq!(state.member(user(2)).unwrap().role, Role::Admin);
    assert_eq!(state.member(user(3)).unwrap().role, Role::Member);
    for actor in 2..=4 {
        act(&mut state, actor, MembershipAction::Leave {}).unwrap();
    }
    assert!(state.members.is_empty());
}

#[test]
fn links_follow_each_other() {
    let mut state = group();
    let leave = link(Some(&state), 2, MembershipAction::Leave {});
    let bent = [
        MembershipChange { index: 3, ..leave.clone() },
        MembershipChange { prev_hash: None, ..leave.clone() },
        MembershipChange { prev_hash: Some(hash(&leave).unwrap()), ..leave.clone() },
        MembershipChange { conversation_id: Uuid::nil().into(), ..leave.clone() },
        link(Some(&state), 1, MembershipAction::Create { kind: ConversationKind::Group, members: vec![] }),
    ];
    for change in bent {
        assert!(state.apply(&change).is_err());
    }
    state.apply(&leave).unwrap();
    assert!(state.apply(&leave).is_err(), "not twice");
}

#[test]
fn a_link_is_signed_by_the_acting_device_and_nobody_else() {
    let device = Device::new(1);
    let mut change = link(None, 1, MembershipAction::Leave {});
    let key = device.listed().ed25519;
    assert!(check_change_signature(&change, &key).is_err());
    let id = device_key_id(device.device_id);
    sign(&mut change, user(1), &id, |bytes| device.ed25519.sign(bytes).to_bytes()).unwrap();
    assert!(check_change_signature(&change, &key).is_ok());
    assert!(check_change_signature(&change, &Device::new(2).listed().ed25519).is_err());
    let mut altered = change.clone();
    altered.index += 1;
    assert!(check_change_signature(&altered, &key).is_err());
    sign(&mut change, user(2), &id, |bytes| device.ed25519.sign(bytes).to_bytes()).unwrap();
    assert!(check_change_signature(&change, &key).is_err());
}

fn any_action() -> impl Strategy<Value = MembershipAction> {
    let role = prop_oneof![Just(Role::Admin), Just(Role::Member)];
    prop_oneof![
        (1u8..8, role.clone()).prop_map(|(n, role)| MembershipAction::Add { members: vec![new(n, role)] }),
        (1u8..8).prop_map(|n| MembershipAction::Remove { user_id: user(n) }),
        (1u8..8, role).prop_map(|(n, role)| MembershipAction::SetRole { user_id: user(n), role }),
        Just(MembershipAction::Leave {}),
        prop::option::of(0i64..10_000).prop_map(|retention_ms| MembershipAction::SetRetention { retention_ms }),
    ]
}

proptest! {
    #[test]
    fn a_group_with_members_has_an_admin_and_can_be_replayed(steps in prop::collection::vec((1u8..8, any_action()), 0..60)) {
        let members = vec![new(1, Role::Admin), new(2, Role::Member)];
        let first = link(None, 1, MembershipAction::Create { kind: ConversationKind::Group, members });
        let mut state = MembershipState::start(&first).unwrap();
        let mut chain = vec![first];
        for (actor, action) in steps {
            let change = link(Some(&state), actor, action);
            let authorised = state.member(user(actor)).is_some_and(|member| {
                member.role == Role::Admin || matches!(change.action, MembershipAction::Leave {})
            });
            if state.apply(&change).is_ok() {
                prop_assert!(authorised);
                chain.push(change);
            }
            let leads = state.members.values().any(|member| member.role == Role::Admin);
            prop_assert!(leads || state.members.len() <= 1);
        }
        let stored: MembershipState = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        prop_assert_eq!(&stored, &state);
        prop_assert_eq!(MembershipState::replay(&chain).unwrap(), state);
    }
}
