//! The program itself against a real server: processes, their output, their exit codes.

mod errors;
mod linking;
mod process;
mod recovering;
mod talking;
mod verifying;
