//! `sotto-server`: serve, migrate, openapi, check-config.

fn main() -> std::process::ExitCode {
    sotto_server::program::main()
}
