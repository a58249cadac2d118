//! Every key of every Redis database, with everything under it.

use redis::{AsyncCommands as _, Client, Value, aio::MultiplexedConnection};

use super::Canary;
use crate::error::{Context, Outcome};

/// Names the keys that hold the mark in their name or value.
pub async fn search_redis(url: &str, canary: &Canary) -> Outcome<Vec<String>> {
    let client = Client::open(url).context("the address of Redis")?;
    let mut connection = client.get_multiplexed_async_connection().await.context("connecting to Redis")?;
    let keyspace: String = redis::cmd("INFO").arg("keyspace").query_async(&mut connection).await.context("INFO")?;
    let databases = keyspace.lines().filter_map(|line| line.strip_prefix("db")?.split(':').next()?.parse::<i64>().ok());
    let mut hits = Vec::new();
    for database in databases {
        redis::cmd("SELECT").arg(database).exec_async(&mut connection).await.context("SELECT")?;
        search_one(&mut connection, canary, &mut hits).await?;
    }
    Ok(hits)
}

async fn search_one(connection: &mut MultiplexedConnection, canary: &Canary, hits: &mut Vec<String>) -> Outcome<()> {
    let mut cursor = 0_u64;
    loop {
        let (next, keys): (u64, Vec<Vec<u8>>) =
            redis::cmd("SCAN").arg(cursor).arg("COUNT").arg(500).query_async(connection).await.context("SCAN")?;
        for key in keys {
            // A key may be gone by now, or change its type: then it is not there to be found.
            let value = value_of(connection, &key).await.unwrap_or(Value::Nil);
            if canary.is_in(&key) || holds(&value, canary) {
                hits.push(format!("Redis key {}", String::from_utf8_lossy(&key)));
            }
        }
        cursor = next;
        if cursor == 0 {
            return Ok(());
        }
    }
}

async fn value_of(connection: &mut MultiplexedConnection, key: &[u8]) -> redis::RedisResult<Value> {
    let kind: String = redis::cmd("TYPE").arg(key).query_async(connection).await?;
    match kind.as_str() {
        "string" => connection.get(key).await,
        "hash" => connection.hgetall(key).await,
        "list" => connection.lrange(key, 0, -1).await,
        "set" => connection.smembers(key).await,
        "zset" => connection.zrange_withscores(key, 0, -1).await,
        "stream" => redis::cmd("XRANGE").arg(key).arg("-").arg("+").query_async(connection).await,
        _ => Ok(Value::Nil),
    }
}

fn holds(value: &Value, canary: &Canary) -> bool {
    match value {
        Value::BulkString(bytes) => canary.is_in(bytes),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => canary.is_in(text.as_bytes()),
        Value::Array(values) | Value::Set(values) => values.iter().any(|value| holds(value, canary)),
        Value::Map(pairs) => pairs.iter().any(|(key, value)| holds(key, canary) || holds(value, canary)),
        _ => false,
    }
}
