//! `sotto-server-faulty`: the test build, whose promises can be broken on purpose. Never run it for people.

fn main() -> std::process::ExitCode {
    sotto_server::program::main()
}
