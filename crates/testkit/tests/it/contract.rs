//! The API against its own document, by a tool that makes requests up.
//!
//! `SOTTO_INTEROP_PYTHON` names a Python with the package `schemathesis`; `make test` sets it.

use std::{path::Path, process::Command};

use sotto_testkit::{Person, TestCluster};

/// They end the account or the session that all other requests need: `endings.rs` makes them.
const LEFT_OUT: [&str; 2] = ["delete_account", "logout"];

#[tokio::test(flavor = "multi_thread")]
async fn no_request_meets_a_5xx_or_an_undocumented_answer() {
    let python = std::env::var("SOTTO_INTEROP_PYTHON")
        .expect("SOTTO_INTEROP_PYTHON is set by `make test`; to go without: nextest -E 'not test(contract)'");
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    alice.talk_to(&bob).await;
    alice.client().http().step_up("correct horse battery").await.unwrap();
    let token = alice.client().http().tokens().unwrap().access_token;
    let mut tool = Command::new(Path::new(&python).with_file_name("schemathesis"));
    // It leaves its notes where it runs.
    tool.current_dir(std::env::temp_dir())
        .arg("run")
        .arg(format!("{}/openapi.json", cluster.url(0)))
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "12", "--seed", "7"])
        .args(["--warnings", "off", "--no-color", "--continue-on-failure"]);
    for operation in LEFT_OUT {
        tool.args(["--exclude-operation-id", operation]);
    }
    let output = tokio::task::spawn_blocking(move || tool.output().unwrap()).await.unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stderr));
    assert!(report.contains("passed"), "something was asked: {report}");
}
