//! The store against a real PostgreSQL (`DATABASE_URL`), each test in a database of its own.

mod claims;
mod conversations;
mod events;
mod fixture;
mod inbox;
mod kept;
mod last_seen;
mod marks;
mod migrations;
mod writer;
mod writer_order;
