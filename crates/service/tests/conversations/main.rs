//! The rules of conversations against a real PostgreSQL (`DATABASE_URL`), without Redis: nothing here needs it.

mod changing;
mod creating;
mod history;
mod requests;
mod world;
