//! Marks only rise, never beyond the log, and are shown to those who may see them.

use sotto_protocol::UserId;
use sotto_store::marks::{self, Raise};
use sqlx::PgPool;

use crate::fixture::{Fixture, uuid};

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn marks_only_rise_and_never_beyond_the_log(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    for id in 1..=5 {
        writer.append(fixture.message(1, id, id - 1)).await.unwrap();
    }
    let mut conn = fixture.database.acquire().await.unwrap();
    let raise = |user: u128, read_seq, delivered_seq| Raise {
        conversation_id: fixture.conversation_id,
        user_id: UserId(uuid(user)),
        read_seq,
        delivered_seq,
    };
    let raised = marks::raise(&mut conn, &[raise(1, 2, 4), raise(9, 5, 5)]).await.unwrap();
    assert_eq!(raised.len(), 1, "who is not in raises nothing");
    assert!(marks::raise(&mut conn, &[raise(1, 1, 3)]).await.unwrap().is_empty());
    let raised = marks::raise(&mut conn, &[raise(1, 99, 0)]).await.unwrap();
    assert_eq!((raised[0].read_seq, raised[0].delivered_seq), (5, 4));
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn requested_and_private_members_show_nothing_and_who_hides_sees_nothing(pool: PgPool) {
    let fixture = Fixture::new(pool, 4).await;
    let (writer, _) = fixture.writer();
    writer.append(fixture.message(1, 1, 0)).await.unwrap();
    fixture.run("UPDATE members SET state = 'requested' WHERE user_id = $1", &[uuid(2)]).await;
    fixture.run("UPDATE users SET private_receipts = true WHERE id = $1", &[uuid(3)]).await;
    let mut conn = fixture.database.acquire().await.unwrap();
    let raises: Vec<Raise> = (1..=4)
        .map(|user| Raise {
            conversation_id: fixture.conversation_id,
            user_id: UserId(uuid(user)),
            read_seq: 1,
            delivered_seq: 1,
        })
        .collect();
    let raised = marks::raise(&mut conn, &raises).await.unwrap();
    let mut shown: Vec<(u128, bool)> = raised.iter().map(|mark| (mark.user_id.0.as_u128(), mark.visible)).collect();
    shown.sort_unstable();
    assert_eq!(shown, [(1, true), (2, false), (3, false), (4, true)]);
    for (viewer, sees) in [(1, vec![1, 4]), (2, vec![1, 2, 4]), (3, vec![3])] {
        let seen = marks::changed_since(&mut conn, fixture.conversation_id, UserId(uuid(viewer)), None).await.unwrap();
        let seen: Vec<u128> = seen.iter().map(|mark| mark.user_id.0.as_u128()).collect();
        assert_eq!(seen, sees, "viewer {viewer}");
    }
}
