//! Who may import whom: the rules of `docs/ARCHITECTURE.md`, held against `cargo metadata`.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// Our packages and those of ours that each may name. `testkit` may name anything, and nothing but tests names it.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("sotto-protocol", &[]),
    ("sotto-json", &[]),
    ("sotto-identity", &["sotto-protocol", "sotto-json"]),
    ("sotto-e2ee", &["sotto-protocol", "sotto-json", "sotto-identity"]),
    ("sotto-sdk", &["sotto-protocol", "sotto-identity", "sotto-e2ee"]),
    ("sotto-store", &["sotto-protocol"]),
    ("sotto-bus", &["sotto-protocol"]),
    ("sotto-service", &["sotto-protocol", "sotto-identity", "sotto-store", "sotto-bus"]),
    ("sotto-api", &["sotto-protocol", "sotto-service"]),
    ("sotto-server", &["sotto-protocol", "sotto-api", "sotto-service", "sotto-store", "sotto-bus"]),
    ("sotto-loadgen", &["sotto-protocol", "sotto-identity", "sotto-e2ee", "sotto-sdk", "sotto-store"]),
    ("sotto-chat", &["sotto-protocol", "sotto-e2ee", "sotto-sdk"]),
    ("sotto-web-crypto", &["sotto-protocol", "sotto-json", "sotto-e2ee"]),
    ("sotto-dev", &[]),
];

/// Libraries that have one home.
const HOMES: &[(&str, &[&str])] = &[
    ("sqlx", &["sotto-store", "sotto-loadgen", "sotto-testkit"]),
    ("redis", &["sotto-bus", "sotto-loadgen", "sotto-testkit"]),
    ("axum", &["sotto-api"]),
    ("vodozemac", &["sotto-e2ee"]),
];

/// What runs on a server.
const SERVER_SIDE: &[&str] = &["sotto-store", "sotto-bus", "sotto-service", "sotto-api", "sotto-server", "sotto-dev"];

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

struct Metadata {
    names: BTreeMap<String, String>,
    /// Package id to the ids of its normal (not dev, not build) dependencies, as resolved.
    edges: BTreeMap<String, BTreeSet<String>>,
    /// Our packages as `cargo metadata` tells them.
    ours: Vec<Value>,
}

impl Metadata {
    fn read() -> Self {
        let output = Command::new(env!("CARGO"))
            // Without other platforms' packages, which need not be there.
            .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host()])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let names =
            document["packages"].as_array().unwrap().iter().map(|p| (text(&p["id"]), text(&p["name"]))).collect();
        let edges = document["resolve"]["nodes"].as_array().unwrap().iter().map(|node| {
            let normal = node["deps"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|dep| dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null()));
            (text(&node["id"]), normal.map(|dep| text(&dep["pkg"])).collect())
        });
        let edges = edges.collect();
        let packages = document["packages"].as_array().unwrap().iter();
        let ours = packages.filter(|p| p["name"].as_str().unwrap().starts_with("sotto-")).cloned().collect();
        Self { names, edges, ours }
    }

    fn id(&self, name: &str) -> &str {
        self.names.iter().find(|(_, other)| *other == name).map(|(id, _)| id.as_str()).unwrap()
    }

    fn direct(&self, name: &str) -> BTreeSet<&str> {
        self.edges[self.id(name)].iter().map(|id| self.names[id].as_str()).collect()
    }

    fn reachable(&self, name: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open = vec![self.id(name)];
        while let Some(id) = open.pop() {
            for next in &self.edges[id] {
                if found.insert(self.names[next].as_str()) {
                    open.push(next);
                }
            }
        }
        found
    }

    fn ours(&self) -> BTreeSet<&str> {
        self.names.values().map(String::as_str).filter(|name| name.starts_with("sotto-")).collect()
    }
}

#[test]
fn no_server_crate_reaches_the_clients_crypto() {
    let metadata = Metadata::read();
    for name in SERVER_SIDE {
        let reachable = metadata.reachable(name);
        for forbidden in ["sotto-e2ee", "sotto-sdk", "vodozemac"] {
            assert!(!reachable.contains(forbidden), "{name} reaches {forbidden}");
        }
    }
    assert!(metadata.reachable("sotto-sdk").contains("vodozemac"), "the test looks at the right graph");
}

#[test]
fn our_crates_import_one_way_only() {
    let metadata = Metadata::read();
    let ours = metadata.ours();
    for (name, allowed) in MAY_IMPORT {
        for import in metadata.direct(name).intersection(&ours) {
            assert!(allowed.contains(import), "{name} imports {import}");
        }
    }
    let known: BTreeSet<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).chain(["sotto-testkit"]).collect();
    assert_eq!(ours, known, "every crate has its rule");
}

#[test]
fn libraries_stay_in_their_homes() {
    let metadata = Metadata::read();
    for (library, homes) in HOMES {
        for name in metadata.ours() {
            assert!(!metadata.direct(name).contains(library) || homes.contains(&name), "{name} names {library}");
        }
    }
}

/// The build whose promises can be broken on purpose.
const TEST_BUILD: &str = "mutations";

#[test]
fn the_test_build_is_never_built_by_default() {
    let metadata = Metadata::read();
    let names = |features: &Value| features.as_array().is_some_and(|list| list.iter().any(|name| name == TEST_BUILD));
    let mut known = BTreeSet::new();
    for package in &metadata.ours {
        let name = package["name"].as_str().unwrap();
        if package["features"].get(TEST_BUILD).is_some() {
            known.insert(name);
        }
        for (feature, enables) in package["features"].as_object().unwrap() {
            let foreign = enables.as_array().unwrap().iter().filter_map(Value::as_str).any(|f| f.ends_with(TEST_BUILD));
            assert!(!foreign || feature == TEST_BUILD, "feature {feature} of {name} switches it on");
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = names(&dependency["features"]);
            assert!(!on || dependency["kind"] == "dev", "{name} builds {} so", dependency["name"]);
        }
    }
    assert!(known.contains("sotto-store") && known.contains("sotto-service"), "the test looks for the right feature");
}
