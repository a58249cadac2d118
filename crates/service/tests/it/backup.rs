//! The key backup and the recovery key that it is sealed to.

use sotto_protocol::{
    ConversationId, ProblemCode,
    backup::{
        Backup, BackupDescriptor, BackupSession, PutBackupRequest, PutBackupSessionsRequest, PutRecoveryKeyRequest,
    },
    devices::RevokeDeviceRequest,
    events::InboxBody,
    keys::ListAuthor,
    recovery::PutRecoveryRequest,
};
use sotto_service::{Entropy as _, ServiceResult, SystemEntropy, tokens::AccessClaims};

use crate::{
    home::{Home, Phone, random},
    linking::link,
    world::{World, refused},
};

async fn publish(world: &World, home: &Home, by: &AccessClaims, version: i64) -> ServiceResult<()> {
    let recovery_bundle = (version > 1).then(|| vec![u8::try_from(version).unwrap(); 20].into());
    let request = PutRecoveryKeyRequest { recovery_key: home.recovery_key(version), recovery_bundle };
    world.service.put_recovery_key(by, &request).await
}

async fn put(world: &World, by: &AccessClaims, descriptor: BackupDescriptor) -> ServiceResult<Backup> {
    world.service.put_backup(by, &PutBackupRequest { descriptor }).await
}

fn session(first_index: u32, data: u8) -> BackupSession {
    BackupSession {
        conversation_id: ConversationId(SystemEntropy.uuid()),
        session_id: random::<32>().to_vec().into(),
        first_index,
        data: vec![data; 200].into(),
    }
}

async fn store(world: &World, by: &AccessClaims, version: i64, sessions: &[BackupSession]) -> ServiceResult<i64> {
    let request = PutBackupSessionsRequest { sessions: sessions.to_vec() };
    world.service.put_backup_sessions(by, version, &request).await.map(|count| count.sessions)
}

async fn all(world: &World, by: &AccessClaims, version: i64) -> ServiceResult<Vec<BackupSession>> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = world.service.backup_sessions(by, version, after.as_deref()).await?;
        found.extend(page.sessions);
        let Some(next) = page.next else { return Ok(found) };
        after = Some(next);
    }
}

/// An account whose backup takes sessions.
async fn begun(world: &World) -> (Home, Phone, AccessClaims) {
    let (home, phone, session) = Home::register(world, 0).await;
    let claims = world.claims(&session);
    publish(world, &home, &claims, 1).await.unwrap();
    put(world, &claims, home.backup(1, 1, &phone)).await.unwrap();
    (home, phone, claims)
}

#[tokio::test]
async fn sessions_come_back_page_by_page_and_the_earlier_begin_wins() {
    let world = World::new().await;
    let (mut home, phone, claims) = begun(&world).await;
    let mut sessions: Vec<BackupSession> = (0..450).map(|_| session(5, 1)).collect();
    for page in sessions.chunks(200) {
        store(&world, &claims, 1, page).await.unwrap();
    }
    let earlier = BackupSession { first_index: 2, data: vec![2; 9].into(), ..sessions[0].clone() };
    let later = BackupSession { first_index: 9, data: vec![3; 9].into(), ..sessions[1].clone() };
    assert_eq!(store(&world, &claims, 1, &[earlier.clone(), later]).await.unwrap(), 450);
    assert_eq!(store(&world, &claims, 1, &sessions[..200]).await.unwrap(), 450, "the same again changes nothing");
    sessions[0] = earlier;
    sessions.sort_by_key(|session| (session.conversation_id, session.session_id.clone()));
    let (_, linked) = link(&world, &mut home, &phone, &claims).await;
    let tablets = world.claims(&linked);
    assert_eq!(all(&world, &tablets, 1).await.unwrap(), sessions);
    let shown = world.service.backup(&tablets).await.unwrap();
    assert_eq!((shown.version, shown.recovery_version, shown.sessions), (1, 1, 450));
}

#[tokio::test]
async fn a_new_descriptor_voids_the_one_before() {
    let world = World::new().await;
    let (home, phone, claims) = begun(&world).await;
    store(&world, &claims, 1, &[session(0, 1)]).await.unwrap();
    let second = home.backup(2, 1, &phone);
    put(&world, &claims, second.clone()).await.unwrap();
    assert_eq!(put(&world, &claims, second).await.unwrap().version, 2, "the same again");
    assert_eq!(refused(store(&world, &claims, 1, &[session(0, 1)]).await), ProblemCode::ChainConflict);
    assert_eq!(refused(all(&world, &claims, 1).await), ProblemCode::ChainConflict);
    assert!(all(&world, &claims, 2).await.unwrap().is_empty());
    for version in [1, 2, 4] {
        let descriptor = home.backup(version, 1, &phone);
        assert_eq!(refused(put(&world, &claims, descriptor).await), ProblemCode::ChainConflict, "{version}");
    }
    put(&world, &claims, home.backup_by_master(3, 1)).await.unwrap();
}

#[tokio::test]
async fn a_forged_descriptor_is_refused() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let unpublished = put(&world, &claims, home.backup(1, 1, &phone)).await;
    assert_eq!(refused(unpublished), ProblemCode::RecoveryKeyReplaced);
    publish(&world, &home, &claims, 1).await.unwrap();
    let (tablet, _) = link(&world, &mut home, &phone, &claims).await;
    let (stranger, theirs, _) = Home::register(&world, 0).await;

    let good = home.backup(1, 1, &phone);
    let mut unsigned = good.clone();
    unsigned.signatures.clear();
    let mut by_device_only = good.clone();
    by_device_only
        .signatures
        .values_mut()
        .for_each(|keys| keys.retain(|id, _| id.contains(&phone.device_id.to_string())));
    let mut altered = good.clone();
    altered.sealed_key = vec![9; 80].into();
    let mut other_hash = good.clone();
    other_hash.key_hash = vec![0; 31].into();
    let mut relabelled = good.clone();
    relabelled.author = ListAuthor::Master;
    let mut other = home.unsigned_backup(1, 1, ListAuthor::Device(phone.device_id));
    other.algorithm = "m.megolm_backup.v1".into();
    for (descriptor, code) in [
        (unsigned, ProblemCode::InvalidSignature),
        (by_device_only, ProblemCode::InvalidSignature),
        (altered, ProblemCode::InvalidSignature),
        (relabelled, ProblemCode::InvalidSignature),
        (other_hash, ProblemCode::InvalidRequest),
        (other, ProblemCode::InvalidRequest),
        (stranger.backup(1, 1, &theirs), ProblemCode::InvalidRequest),
        (home.backup(1, 1, &Phone::new(home.user_id)), ProblemCode::Forbidden),
        (home.backup(1, 1, &tablet), ProblemCode::Forbidden),
    ] {
        assert_eq!(refused(put(&world, &claims, descriptor).await), code);
    }
    put(&world, &claims, good).await.unwrap();
    let request = RevokeDeviceRequest { device_list: Some(home.next(None, Some(tablet.device_id), &phone)) };
    world.service.revoke_device(&claims, tablet.device_id, &request).await.unwrap();
    let by_revoked = put(&world, &claims, home.backup(2, 1, &tablet)).await;
    assert_eq!(refused(by_revoked), ProblemCode::Forbidden, "it is not in the list any more");
}

#[tokio::test]
async fn an_old_recovery_key_opens_nothing_any_more() {
    let world = World::new().await;
    let (mut home, phone, claims) = begun(&world).await;
    let (tablet, _) = link(&world, &mut home, &phone, &claims).await;
    store(&world, &claims, 1, &[session(0, 1)]).await.unwrap();
    let without = PutRecoveryKeyRequest { recovery_key: home.recovery_key(2), recovery_bundle: None };
    let without = world.service.put_recovery_key(&claims, &without).await;
    assert_eq!(refused(without), ProblemCode::InvalidRequest, "a new key comes with its bundle");
    let told = world.notices(tablet.device_id).await.len();
    publish(&world, &home, &claims, 2).await.unwrap();
    assert_eq!(world.service.recovery(&claims).await.unwrap().recovery_bundle.0, [2; 20]);
    let notices = world.notices(tablet.device_id).await;
    assert_eq!(notices[told..], [InboxBody::RecoveryKeyChanged { recovery_version: 2 }], "the others are told");

    let shown = world.service.backup(&claims).await.unwrap();
    assert_eq!((shown.recovery_version, shown.version, shown.sessions), (2, 1, 0));
    assert!(shown.descriptor.is_none());
    assert_eq!(refused(all(&world, &claims, 1).await), ProblemCode::ChainConflict);
    assert_eq!(refused(store(&world, &claims, 1, &[session(0, 1)]).await), ProblemCode::ChainConflict);
    let old = put(&world, &claims, home.backup(2, 1, &phone)).await;
    assert_eq!(refused(old), ProblemCode::RecoveryKeyReplaced, "sealed to the old key");
    assert_eq!(refused(publish(&world, &home, &claims, 1).await), ProblemCode::ChainConflict);
    assert_eq!(refused(publish(&world, &home, &claims, 4).await), ProblemCode::ChainConflict);
    put(&world, &claims, home.backup(2, 2, &phone)).await.unwrap();

    // A bundle without a published key: nothing may be sealed to the one before.
    let bundle = PutRecoveryRequest { recovery_bundle: vec![8; 10].into() };
    world.service.put_recovery(&claims, &bundle).await.unwrap();
    let sealed = put(&world, &claims, home.backup(3, 2, &phone)).await;
    assert_eq!(refused(sealed), ProblemCode::RecoveryKeyReplaced);
    publish(&world, &home, &claims, 3).await.unwrap();
    put(&world, &claims, home.backup(3, 3, &phone)).await.unwrap();
}

#[tokio::test]
async fn only_the_master_key_publishes_a_recovery_key() {
    let world = World::new().await;
    let (home, _, session) = Home::register(&world, 0).await;
    let (stranger, _, _) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let ask = async |recovery_key| {
        let request = PutRecoveryKeyRequest { recovery_key, recovery_bundle: None };
        world.service.put_recovery_key(&claims, &request).await
    };
    let good = home.recovery_key(1);
    let mut unsigned = good.clone();
    unsigned.signatures.clear();
    assert_eq!(refused(ask(unsigned).await), ProblemCode::InvalidSignature);
    let mut altered = good.clone();
    altered.curve25519 = home.recovery_key(1).curve25519;
    assert_eq!(refused(ask(altered).await), ProblemCode::InvalidSignature);
    let mut weak = good.clone();
    weak.curve25519 = sotto_protocol::Base64Bytes(vec![0; 32]).to_base64();
    assert_eq!(refused(ask(weak).await), ProblemCode::InvalidKey);
    assert_eq!(refused(ask(stranger.recovery_key(1)).await), ProblemCode::InvalidRequest);
    ask(good.clone()).await.unwrap();
    ask(good).await.unwrap();
}

#[tokio::test]
async fn what_replaces_nothing_that_counts_needs_no_fresh_password() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let stale = AccessClaims { fresh_at_ms: None, ..claims };
    publish(&world, &home, &stale, 1).await.unwrap();
    put(&world, &stale, home.backup(1, 1, &phone)).await.unwrap();
    assert_eq!(refused(put(&world, &stale, home.backup(2, 1, &phone)).await), ProblemCode::StepUpRequired);
    let (tablet, _) = link(&world, &mut home, &phone, &claims).await;
    let request = RevokeDeviceRequest { device_list: Some(home.next(None, Some(tablet.device_id), &phone)) };
    world.service.revoke_device(&claims, tablet.device_id, &request).await.unwrap();
    put(&world, &stale, home.backup(2, 1, &phone)).await.unwrap();
    assert_eq!(refused(put(&world, &stale, home.backup(3, 1, &phone)).await), ProblemCode::StepUpRequired);
    publish(&world, &home, &claims, 2).await.unwrap();
    put(&world, &stale, home.backup(3, 2, &phone)).await.unwrap();
}

#[tokio::test]
async fn backups_need_a_fresh_password_and_a_trusted_device_and_are_the_accounts_own() {
    let world = World::new().await;
    let (mut home, phone, claims) = begun(&world).await;
    let (tablet, linked) = link(&world, &mut home, &phone, &claims).await;
    let stale = AccessClaims { fresh_at_ms: None, ..claims };
    assert_eq!(refused(put(&world, &stale, home.backup(2, 1, &phone)).await), ProblemCode::StepUpRequired);
    assert_eq!(refused(publish(&world, &home, &stale, 2).await), ProblemCode::StepUpRequired);
    let tablets = world.fresh(world.claims(&linked));
    assert_eq!(refused(put(&world, &tablets, home.backup(2, 1, &tablet)).await), ProblemCode::DeviceOnProbation);
    assert_eq!(refused(publish(&world, &home, &tablets, 2).await), ProblemCode::DeviceOnProbation);
    store(&world, &tablets, 1, &[session(0, 1)]).await.unwrap();

    let waiting = world.claims(&world.service.login(home.login()).await.unwrap());
    assert_eq!(refused(world.service.backup(&waiting).await), ProblemCode::DeviceUnverified);
    assert_eq!(refused(all(&world, &waiting, 1).await), ProblemCode::DeviceUnverified);
    assert_eq!(refused(store(&world, &waiting, 1, &[session(0, 1)]).await), ProblemCode::DeviceUnverified);
    let (_, _, foreign) = begun(&world).await;
    assert!(all(&world, &foreign, 1).await.unwrap().is_empty(), "each account has its own");
}

#[tokio::test]
async fn sessions_of_another_shape_are_refused_whole() {
    let world = World::new().await;
    let (_, _, claims) = begun(&world).await;
    let good = session(0, 1);
    let short = BackupSession { session_id: vec![1; 31].into(), ..good.clone() };
    let empty = BackupSession { data: vec![].into(), ..good.clone() };
    let large = BackupSession { data: vec![1; 2_049].into(), ..good.clone() };
    for wrong in [vec![], vec![good.clone(), short], vec![empty], vec![large], vec![good.clone(), good.clone()]] {
        assert_eq!(refused(store(&world, &claims, 1, &wrong).await), ProblemCode::InvalidRequest);
    }
    let many: Vec<_> = (0..201).map(|_| session(0, 1)).collect();
    assert_eq!(refused(store(&world, &claims, 1, &many).await), ProblemCode::InvalidRequest);
    assert!(all(&world, &claims, 1).await.unwrap().is_empty());
    let forged = world.service.backup_sessions(&claims, 1, Some("AAAA")).await;
    assert_eq!(refused(forged), ProblemCode::InvalidRequest);
}
