//! The end: the checker's verdict, the search for plaintext, the last line.

use std::path::PathBuf;

use sqlx::postgres::PgPoolOptions;

use sotto_loadgen::check::Tables;

use super::{stage::Stage, verdict::Verdict};
use crate::{
    canary::{Canary, search_database, search_files, search_redis},
    error::{Context, Outcome},
};

/// Names of what went wrong that are printed, at most.
const NAMED: usize = 10;

/// Says what was found; the last line is JSON. `false`: a promise was broken.
pub async fn judge(stage: &Stage, mut problems: Vec<String>) -> Outcome<bool> {
    stage.say("Searching tables, Redis, logs and metrics for plaintext");
    let hits = search(stage).await?;
    let recording = stage.actor.recording();
    recording.flush();
    let history = recording.history(Clone::clone);
    let tables = Tables::read(&stage.cluster.refresh().await?.database_url, &Tables::wanted(&history)).await?;
    let (mut verdict, others) = Verdict::of(&history, &tables);
    verdict.canary_hits = hits.len();
    problems.extend(others);
    for (device, conversation, message) in history.missing().iter().take(NAMED) {
        eprintln!("not shown: message {message} of {} on {}", stage.title(*conversation), history.name(*device));
    }
    let late = history.late().count();
    let alarms = stage.alarms();
    for alarm in alarms.iter().take(NAMED) {
        eprintln!("noticed: {alarm}");
    }
    for hit in hits.iter().take(NAMED) {
        eprintln!("plaintext: {hit}");
    }
    for problem in &problems {
        eprintln!("problem: {problem}");
    }
    if late > 0 {
        stage.say(&format!("{late} messages were readable only when a key came later"));
    }
    let clean = verdict.is_clean() && problems.is_empty();
    stage.say(if clean { "Every promise was kept" } else { "A promise was broken" });
    println!("{}", serde_json::to_string(&verdict).context("the verdict")?);
    Ok(clean)
}

async fn search(stage: &Stage) -> Outcome<Vec<String>> {
    let now = stage.cluster.refresh().await?;
    let pool = PgPoolOptions::new().max_connections(1).connect(&now.database_url).await.context("the database")?;
    let mut hits = search_database(&pool, &stage.canary).await?;
    hits.extend(search_redis(&now.redis_url, &stage.canary).await?);
    let folders: Vec<PathBuf> = [now.log_dir, now.dir.join("redis"), now.dir.join("nginx")].to_vec();
    let (files, found) = search_files(&folders, &stage.canary)?;
    hits.extend(found);
    for node in &now.nodes {
        let metrics = reqwest::get(&node.metrics_url).await.context("metrics")?.bytes().await.context("metrics")?;
        if stage.canary.is_in(&metrics) {
            hits.push(format!("metrics of {}", node.name));
        }
    }
    check_the_search(&pool).await?;
    stage.say(&format!("searched every column, every key, {files} files, {} metrics pages", now.nodes.len()));
    Ok(hits)
}

/// A search that can't find anything would prove nothing: what is known to be stored must be found.
async fn check_the_search(pool: &sqlx::PgPool) -> Outcome<()> {
    let name: String = sqlx::query_scalar("SELECT username FROM users ORDER BY created_at DESC LIMIT 1")
        .fetch_one(pool)
        .await
        .context("a username")?;
    let known = Canary::of(name);
    if search_database(pool, &known).await?.is_empty() {
        return Err(crate::error::Failure::new("the search does not find what is stored"));
    }
    Ok(())
}
