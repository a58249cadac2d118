//! Use cases against a real PostgreSQL (`DATABASE_URL`) and, where things are counted or spent, Redis (`REDIS_URL`).

mod audit;
mod auth;
mod backup;
mod base;
mod cast;
mod changing;
mod claiming;
mod creating;
mod deleting;
mod devices;
mod handing_over;
mod history;
mod home;
mod identity;
mod linking;
mod logout;
mod people;
mod racing;
mod recovery;
mod refreshing;
mod registering;
mod requests;
mod uploading;
mod world;
