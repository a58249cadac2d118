//! When devices were last there only rises, in minutes, and goes with the device.

use sotto_protocol::{DeviceId, UserId};
use sotto_store::{last_seen, revocations};
use sqlx::PgPool;
use time::Duration;

use crate::fixture::{Fixture, NOW, uuid};

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn the_latest_minute_counts_and_a_revoked_device_has_none(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let mut conn = fixture.database.acquire().await.unwrap();
    let [one, two, unknown] = [1_001, 1_002, 9].map(|n| DeviceId(uuid(n)));
    let minute = NOW.replace_second(0).unwrap();
    let seen = async |conn: &mut _| {
        let seen = last_seen::get(conn, &[one, two, unknown]).await.unwrap();
        [one, two, unknown].map(|device| seen.get(&device).copied())
    };
    let later = NOW + Duration::minutes(3);
    last_seen::note(&mut conn, &[(two, NOW), (unknown, NOW), (one, later)]).await.unwrap();
    assert_eq!(seen(&mut conn).await, [Some(minute + Duration::minutes(3)), Some(minute), None]);
    last_seen::note(&mut conn, &[(one, NOW), (two, later)]).await.unwrap();
    let both = Some(minute + Duration::minutes(3));
    assert_eq!(seen(&mut conn).await, [both, both, None]);

    revocations::end_device(&mut conn, one, later).await.unwrap();
    last_seen::note(&mut conn, &[(one, later)]).await.unwrap();
    assert_eq!(seen(&mut conn).await, [None, both, None]);

    // As by a note that did not see the revocation yet.
    fixture.run("INSERT INTO last_seen (device_id, at) VALUES ($1, now())", &[one.0]).await;
    revocations::record(&mut conn, UserId(uuid(1)), one, later).await.unwrap();
    last_seen::prune(&mut conn).await.unwrap();
    assert_eq!(seen(&mut conn).await, [None, both, None]);
}
