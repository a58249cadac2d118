//! Accounts, devices and keys against a real PostgreSQL (`DATABASE_URL`) and, where keys are counted, Redis (`REDIS_URL`).

mod auth;
mod claiming;
mod deleting;
mod devices;
mod home;
mod linking;
mod people;
mod recovery;
mod refreshing;
mod registering;
mod uploading;
mod world;
