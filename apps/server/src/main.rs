//! `sotto-server`: serve, migrate, admin, openapi, check-config.

fn main() -> std::process::ExitCode {
    sotto_server::program::main()
}
