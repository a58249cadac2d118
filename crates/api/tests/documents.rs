//! The committed documents are those that the code makes. To make them anew:
//! `UPDATE=1 cargo test -p sotto-api --test documents`.

use std::{fs, path::Path};

use serde_json::Value;
use sotto_api::{asyncapi, openapi};

fn check(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, made).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "openapi/{name} is not what the code makes: run `UPDATE=1 cargo test -p sotto-api --test documents`"
    );
}

#[test]
fn the_committed_openapi_document_is_that_of_the_code() {
    check("openapi.json", &openapi::document());
}

#[test]
fn the_committed_asyncapi_document_is_that_of_the_code() {
    check("asyncapi.json", &asyncapi::document());
}

#[test]
fn every_operation_has_a_unique_id_a_known_tag_and_a_summary() {
    let document: Value = serde_json::from_str(&openapi::document()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: Vec<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(tags.contains(&operation["tags"][0].as_str().unwrap()), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
        }
    }
}

#[test]
fn every_reference_in_the_openapi_document_leads_somewhere() {
    let text = openapi::document();
    let document: Value = serde_json::from_str(&text).unwrap();
    for reference in text.split("\"$ref\": \"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

/// Names of what a document does not explain.
fn undescribed(document: &Value) -> Vec<String> {
    fn described(value: &Value) -> bool {
        let parts = ["oneOf", "allOf"].into_iter().filter_map(|key| value[key].as_array()).flatten();
        value["description"].is_string() || parts.into_iter().any(described)
    }
    fn look(name: &str, schema: &Value, found: &mut Vec<String>) {
        for (field, value) in schema["properties"].as_object().into_iter().flatten() {
            // What tells variants apart explains itself.
            if field != "type" && !described(value) {
                found.push(format!("{name}.{field}"));
            }
            look(&format!("{name}.{field}"), value, found);
        }
        for part in ["oneOf", "allOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten() {
            look(name, part, found);
        }
    }
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if !described(schema) {
            found.push(name.clone());
        }
        look(name, schema, &mut found);
    }
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for operation in item.as_object().unwrap().values() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            found.extend(parameters.filter(|p| !described(p)).map(|p| format!("{path} {}", p["name"])));
        }
    }
    found
}

#[test]
fn everything_in_the_documents_has_a_description_and_a_name_of_ours() {
    for text in [openapi::document(), asyncapi::document()] {
        let document = serde_json::from_str(&text).unwrap();
        assert_eq!(undescribed(&document), Vec::<String>::new());
        for ours_only in ["BTreeMap", "HashMap", "[`", "crate::", "Option<"] {
            assert!(!text.contains(ours_only), "{ours_only} says nothing to a client's author");
        }
    }
}

#[test]
fn one_time_keys_and_signatures_are_two_kinds_of_maps() {
    let document: Value = serde_json::from_str(&openapi::document()).unwrap();
    let schemas = &document["components"]["schemas"];
    let kept = &schemas["UploadKeysRequest"]["properties"]["one_time_keys"]["$ref"];
    assert_eq!(kept, "#/components/schemas/OneTimeKeys");
    assert_eq!(schemas["OneTimeKeys"]["additionalProperties"]["$ref"], "#/components/schemas/SignedOneTimeKey");
    assert_eq!(schemas["Signatures"]["additionalProperties"]["additionalProperties"]["type"], "string");
}

#[test]
fn answers_that_say_when_to_come_back_or_how_to_sign_in_name_their_header() {
    let document: Value = serde_json::from_str(&openapi::document()).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let header = match status.as_str() {
                "429" | "503" => "Retry-After",
                "401" => "WWW-Authenticate",
                _ => continue,
            };
            // The health of a node is no problem document.
            if response["x-codes"].is_array() {
                seen.insert(status.clone());
                assert!(response["headers"][header].is_object(), "{} {status}", operation["operationId"]);
            }
        }
    }
    assert_eq!(seen.len(), 3);
}

#[test]
fn making_a_conversation_names_what_is_said_of_link_1() {
    let document: Value = serde_json::from_str(&openapi::document()).unwrap();
    let responses = &document["paths"]["/api/conversations"]["post"]["responses"];
    for (status, code) in [("403", "forbidden"), ("409", "chain_conflict")] {
        assert!(responses[status]["x-codes"].as_array().unwrap().contains(&code.into()), "{code}");
    }
}

#[test]
fn a_retention_is_always_there_and_may_be_null() {
    let document: Value = serde_json::from_str(&openapi::document()).unwrap();
    let actions = document["components"]["schemas"]["MembershipAction"]["oneOf"].as_array().unwrap();
    let retention = actions.iter().find(|action| action["properties"]["retention_ms"].is_object()).unwrap();
    assert!(retention["required"].as_array().unwrap().contains(&"retention_ms".into()));
    assert_eq!(retention["properties"]["retention_ms"]["type"], serde_json::json!(["integer", "null"]));
}
