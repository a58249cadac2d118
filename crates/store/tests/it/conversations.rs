//! Conversations as their members see them, and catching up with what changed.

use std::collections::HashMap;

use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    conversations::{Conversation, MemberState},
    membership::Role,
};
use sotto_store::{
    PgConnection, conversations, inbox_reads,
    marks::{self, Raise},
    membership::{self, Incoming},
    rosters,
    sessions::{self, News, Resumed},
};
use sqlx::PgPool;

use crate::fixture::{Fixture, NOW, envelope, uuid};

fn user(n: u128) -> (UserId, DeviceId) {
    (UserId(uuid(n)), DeviceId(uuid(n + 1000)))
}

async fn seen(conn: &mut PgConnection, id: ConversationId, n: u128) -> Option<Conversation> {
    let (user_id, device_id) = user(n);
    conversations::get(conn, id, user_id, device_id).await.unwrap()
}

async fn changed(conn: &mut PgConnection, n: u128, since: &str) -> Vec<u128> {
    let (user_id, device_id) = user(n);
    let page = conversations::sync_page(conn, user_id, device_id, Some(since), None, 10).await.unwrap();
    let resumed = Resumed { device_id, user_id: Some(user_id), inbox_seq: 0, since: Some(since.to_owned()) };
    let [news] = news(conn, &[resumed]).await[..] else { panic!("one answer each") };
    assert!(news.conversations || page.is_empty(), "no news is certain");
    page.into_iter().map(|conversation| conversation.conversation_id.0.as_u128()).collect()
}

async fn news(conn: &mut PgConnection, resumed: &[Resumed]) -> Vec<News> {
    sessions::moments(conn, resumed).await.unwrap().into_iter().map(|moment| moment.news).collect()
}

async fn raise(conn: &mut PgConnection, conversation_id: ConversationId, n: u128, read_seq: i64) {
    let raise = Raise { conversation_id, user_id: user(n).0, read_seq, delivered_seq: 0 };
    assert_eq!(marks::raise(conn, &[raise]).await.unwrap().len(), 1);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_stranger_and_an_unknown_conversation_look_alike(pool: PgPool) {
    let fixture = Fixture::new(pool, 3).await;
    fixture.run("UPDATE members SET left_at = now() WHERE user_id = $1", &[uuid(3)]).await;
    let mut conn = fixture.database.acquire().await.unwrap();
    let id = fixture.conversation_id;
    assert!(seen(&mut conn, id, 1).await.is_some());
    for (id, n) in [(id, 9), (id, 3), (uuid(5).into(), 1)] {
        assert!(seen(&mut conn, id, n).await.is_none(), "user {n} in {id}");
        assert_eq!(conversations::roster_version(&mut conn, id, user(n).0).await.unwrap(), None);
        assert_eq!(conversations::start_seq(&mut conn, id, user(n).0, user(n).1).await.unwrap(), None);
        let (user_id, device_id) = user(n);
        let standings = sessions::standings(&mut conn, &[device_id]).await.unwrap();
        assert!(standings.get(&device_id).is_none_or(|standing| !standing.conversations.contains(&id)));
        let resumed = Resumed { device_id, user_id: Some(user_id), inbox_seq: 0, since: None };
        let [moment] = &sessions::moments(&mut conn, &[resumed]).await.unwrap()[..] else { panic!("one answer") };
        assert!(!moment.heads.contains_key(&id));
    }
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_later_device_starts_later_than_its_account_until_that_comes_in_anew(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    for id in 1..=4 {
        writer.append(fixture.message(1, id, id - 1)).await.unwrap();
    }
    let mut conn = fixture.database.acquire().await.unwrap();
    let id = fixture.conversation_id;
    let (user_id, device_id) = user(2);
    rosters::start_device(&mut conn, device_id, &[id]).await.unwrap();
    assert_eq!(seen(&mut conn, id, 2).await.unwrap().start_seq, 5);
    assert_eq!(conversations::start_seq(&mut conn, id, user_id, device_id).await.unwrap(), Some(5));
    assert_eq!(seen(&mut conn, id, 1).await.unwrap().start_seq, 1);

    assert!(membership::dismiss(&mut conn, id, user_id, 2, NOW).await.unwrap());
    assert!(!membership::dismiss(&mut conn, id, user_id, 3, NOW).await.unwrap(), "it is out already");
    assert!(seen(&mut conn, id, 2).await.is_none());
    let back = Incoming { user_id, role: Role::Member, state: MemberState::Requested };
    membership::admit(&mut conn, id, &[back], 4, 3).await.unwrap();
    let back = seen(&mut conn, id, 2).await.unwrap();
    assert_eq!((back.start_seq, back.role, back.state), (4, Role::Member, MemberState::Requested));
    let members = conversations::members(&mut conn, id).await.unwrap();
    let versions: Vec<_> = members.iter().map(|(member, changed)| (member.user_id.0.as_u128(), *changed)).collect();
    assert_eq!(versions, [(1, 1), (2, 3)]);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn catching_up_names_the_changed_conversations_only(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    for n in 1..=3 {
        fixture.conversation(uuid(n).into(), 2).await;
    }
    let mut conn = fixture.database.acquire().await.unwrap();
    assert_eq!(changed(&mut conn, 2, "0").await, [1, 2, 3, 7_777]);
    let since = fixture.position().await;
    assert_eq!(changed(&mut conn, 2, &since).await, [0; 0]);

    let (writer, _) = fixture.writer();
    writer.append(fixture.message(1, 1, 0)).await.unwrap();
    assert_eq!(changed(&mut conn, 2, &since).await, [7_777]);
    membership::set_roster(&mut conn, uuid(2).into(), 2).await.unwrap();
    assert_eq!(changed(&mut conn, 2, &since).await, [2, 7_777]);
    fixture.run("UPDATE members SET state = 'requested' WHERE user_id = $1", &[uuid(2)]).await;
    assert!(membership::accept(&mut conn, uuid(1).into(), user(2).0).await.unwrap());
    assert!(!membership::accept(&mut conn, uuid(1).into(), user(2).0).await.unwrap());
    assert_eq!(changed(&mut conn, 2, &since).await, [1, 2, 7_777]);
    assert_eq!(changed(&mut conn, 1, &since).await, [2, 7_777], "another's acceptance is not shown");

    let (user_id, device_id) = user(2);
    let after = Some(uuid(1).into());
    let page = conversations::sync_page(&mut conn, user_id, device_id, None, after, 2).await.unwrap();
    let ids: Vec<u128> = page.iter().map(|conversation| conversation.conversation_id.0.as_u128()).collect();
    assert_eq!(ids, [2, 3], "pages go on after an id");
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn marks_change_a_conversation_only_for_those_who_may_see_them(pool: PgPool) {
    let fixture = Fixture::new(pool, 3).await;
    let (writer, _) = fixture.writer();
    for id in 1..=3 {
        writer.append(fixture.message(1, id, id - 1)).await.unwrap();
    }
    let mut conn = fixture.database.acquire().await.unwrap();
    let id = fixture.conversation_id;

    let since = fixture.position().await;
    raise(&mut conn, id, 2, 1).await;
    assert_eq!(changed(&mut conn, 1, &since).await, [7_777]);
    assert_eq!(changed(&mut conn, 2, &since).await, [7_777]);

    fixture.run("UPDATE users SET private_receipts = true WHERE id = $1", &[uuid(2)]).await;
    let since = fixture.position().await;
    raise(&mut conn, id, 2, 2).await;
    assert_eq!(changed(&mut conn, 1, &since).await, [0; 0], "hidden reading shows in no way");
    assert_eq!(changed(&mut conn, 2, &since).await, [7_777], "own devices follow");
    let since = fixture.position().await;
    raise(&mut conn, id, 1, 1).await;
    assert_eq!(changed(&mut conn, 2, &since).await, [0; 0], "who hides sees nothing");

    fixture.run("UPDATE members SET state = 'requested' WHERE user_id = $1", &[uuid(3)]).await;
    raise(&mut conn, id, 3, 2).await;
    let since = fixture.position().await;
    assert!(membership::accept(&mut conn, id, user(3).0).await.unwrap());
    let revealed = marks::reveal(&mut conn, id, user(3).0).await.unwrap().unwrap();
    assert_eq!((revealed.read_seq, revealed.visible), (2, true));
    assert_eq!(changed(&mut conn, 1, &since).await, [7_777], "acceptance shows what was read before");
    let shown = marks::changed_since(&mut conn, id, user(1).0, Some(&since)).await.unwrap();
    assert_eq!(shown.iter().map(|mark| mark.user_id.0.as_u128()).collect::<Vec<_>>(), [3]);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn who_comes_back_to_nothing_new_is_told_so_each_in_their_place(pool: PgPool) {
    let fixture = Fixture::new(pool, 3).await;
    let (writer, _) = fixture.writer();
    let mut first = fixture.message(1, 1, 0);
    first.envelopes = vec![envelope(2)];
    writer.append(first).await.unwrap();
    let mut conn = fixture.database.acquire().await.unwrap();
    let now = Some(fixture.position().await);
    let resumed = |n, inbox_seq, since: &Option<String>| {
        let (user_id, device_id) = user(n);
        Resumed { device_id, user_id: Some(user_id), inbox_seq, since: since.clone() }
    };
    let asked = [resumed(2, 1, &now), resumed(3, 0, &now), resumed(2, 0, &None), resumed(9, 0, &now)];
    let has = |inbox, unacked, conversations| News { inbox, unacked, conversations };
    let nothing = has(false, false, false);
    let expected = [has(false, true, false), nothing, has(true, false, true), nothing];
    assert_eq!(news(&mut conn, &asked).await, expected);
    let heads = sessions::moments(&mut conn, &asked).await.unwrap().into_iter().map(|moment| moment.heads);
    let of_members = HashMap::from([(fixture.conversation_id, 1)]);
    assert_eq!(heads.collect::<Vec<_>>(), [of_members.clone(), of_members.clone(), of_members, HashMap::new()]);

    let unverified = Resumed { user_id: None, ..resumed(2, 0, &now) };
    let [moment] = &sessions::moments(&mut conn, &[unverified]).await.unwrap()[..] else { panic!("one answer") };
    assert_eq!((moment.news, moment.heads.len()), (has(true, false, false), 0), "it has an inbox and nothing else");

    inbox_reads::ack(&mut conn, user(2).1, 1).await.unwrap();
    // A position that was never given out is nothing to acknowledge.
    let asked = [resumed(2, 1, &now), resumed(2, 99, &now)];
    assert_eq!(news(&mut conn, &asked).await, [nothing, nothing]);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn only_ones_own_marks_are_news_in_a_large_conversation(pool: PgPool) {
    let fixture = Fixture::new(pool, 70).await;
    let (writer, _) = fixture.writer();
    writer.append(fixture.message(1, 1, 0)).await.unwrap();
    let mut conn = fixture.database.acquire().await.unwrap();
    for n in 1..=69 {
        raise(&mut conn, fixture.conversation_id, n, 1).await;
    }
    let since = fixture.position().await;
    raise(&mut conn, fixture.conversation_id, 70, 1).await;
    let (one, marker) = (user(1), user(70));
    let asked = [one, marker].map(|(user_id, device_id)| Resumed {
        device_id,
        user_id: Some(user_id),
        inbox_seq: 0,
        since: Some(since.clone()),
    });
    let changed: Vec<bool> = news(&mut conn, &asked).await.into_iter().map(|news| news.conversations).collect();
    assert_eq!(changed, [false, true]);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_page_of_the_chain_ends_by_count_and_by_size_and_never_empty(pool: PgPool) {
    let fixture = Fixture::new(pool, 1).await;
    let id = fixture.conversation_id;
    fixture
        .run(
            "INSERT INTO events (conversation_id, seq, kind, sender_user_id, sender_device_id, created_at, change)
             SELECT $1, i, 2, $2, $2, now(), jsonb_build_object('conversation_id', $1, 'index', i,
                 'prev_hash', repeat('x', 1000), 'action', jsonb_build_object('type', 'leave'),
                 'actor_user_id', $2, 'actor_device_id', $2)
             FROM generate_series(1, 12) i",
            &[id.0, uuid(1)],
        )
        .await;
    let mut conn = fixture.database.acquire().await.unwrap();
    for (after, limit, bytes, expected) in
        [(0, 5, 1_000_000, 1..=5), (10, 5, 1_000_000, 11..=12), (2, 5, 3_000, 3..=5), (4, 5, 1, 5..=5)]
    {
        let page = conversations::chain(&mut conn, id, after, limit, bytes).await.unwrap();
        let indices: Vec<i64> = page.iter().map(|link| link.index).collect();
        assert_eq!(indices, expected.collect::<Vec<_>>());
    }
}
