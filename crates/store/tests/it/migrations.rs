//! Migrations go up, down and up again.

use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn the_schema_goes_up_down_and_up(pool: PgPool) {
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'
        AND table_name <> '_sqlx_migrations'";
    sotto_store::MIGRATIONS.run(&pool).await.unwrap();
    let full: i64 = sqlx::query_scalar(tables).fetch_one(&pool).await.unwrap();
    sotto_store::MIGRATIONS.undo(&pool, 0).await.unwrap();
    let empty: i64 = sqlx::query_scalar(tables).fetch_one(&pool).await.unwrap();
    let functions: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!((empty, functions), (0, 0));
    sotto_store::MIGRATIONS.run(&pool).await.unwrap();
    let again: i64 = sqlx::query_scalar(tables).fetch_one(&pool).await.unwrap();
    assert_eq!(full, again);
}
