//! The server cannot read: what people write is found nowhere in it.

use sotto_testkit::{Person, TestCluster};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_in_no_table() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    let canary = "canary-5f1c0a7e";
    alice.devices[0].say(id, canary).await;
    assert_eq!(bob.devices[0].shows(id, 1).await, [canary]);

    let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        .fetch_all(cluster.database.pool())
        .await
        .unwrap();
    assert!(tables.len() > 20);
    let hex: String = canary.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let mut rows = 0;
    for table in tables {
        let statement = sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
        let texts: Vec<String> = sqlx::query_scalar(statement).fetch_all(cluster.database.pool()).await.unwrap();
        rows += texts.len();
        for text in texts {
            assert!(!text.contains(canary) && !text.contains(&hex), "in {table}");
        }
    }
    assert!(rows > 20, "there was something to search");
}
