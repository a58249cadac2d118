//! Connections that a task keeps between its statements.

use sotto_store::{Database, DatabaseConfig, PgConnection};
use sqlx::PgPool;

async fn process(connection: &mut PgConnection) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await.unwrap()
}

fn database(pool: &PgPool, max_connections: u32) -> Database {
    let url = sqlx::ConnectOptions::to_url_lossy(&*pool.connect_options()).to_string();
    Database::connect_lazy(&DatabaseConfig { max_connections, ..DatabaseConfig::new(url) }).unwrap()
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_kept_connection_stays_until_it_dies_and_then_there_is_another(pool: PgPool) {
    let database = database(&pool, 6);
    let kept = database.keep();
    let mut first = kept.take().await.unwrap();
    let _others = [database.acquire().await.unwrap(), database.acquire().await.unwrap()];
    let before = process(&mut first).await;
    kept.put(first);
    let mut again = kept.take().await.unwrap();
    assert_eq!(process(&mut again).await, before);

    kept.put(again);
    sqlx::query("SELECT pg_terminate_backend($1)").bind(before).execute(&pool).await.unwrap();
    // As long as one may lie without being asked whether it lives.
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    let mut after = kept.take().await.unwrap();
    assert_ne!(process(&mut after).await, before);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn half_of_a_pool_is_left_to_those_who_keep_nothing(pool: PgPool) {
    // Three to give out, beside the vital one.
    let database = database(&pool, 4);
    let keepers: Vec<_> = (0..4).map(|_| database.keep()).collect();
    for keeper in &keepers {
        keeper.put(keeper.take().await.unwrap());
    }
    let rest = [database.acquire().await, database.acquire().await];
    assert!(rest.iter().all(Result::is_ok));
}
