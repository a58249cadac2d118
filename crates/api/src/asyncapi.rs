//! The AsyncAPI 3.0 document of the socket, from the frame types: `openapi/asyncapi.json` is its committed form.

use serde_json::{Map, Value, json};
use sotto_protocol::{
    CloseCode,
    frames::{ClientFrame, SUBPROTOCOL, ServerFrame},
    limits::MAX_FRAME_BYTES,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

const PROSE: &str = "One JSON text message a frame, told apart by `type`. Order: the node says `welcome`; the device \
says `hello` with what it has; the node sends `inbox` pages until the inbox is empty, then `sync` pages, then \
`caught_up`, whose token the device stores after everything before it; from there on frames come as things happen. \
Keys come before what needs them. `send` is answered by `sent` or `refused` with the same `txn_id`, in any order. \
Anything else that is refused, and a `send` that does not have its shape, is answered by `error`, which names no \
`txn_id`. A socket without `hello` is closed at the first ping that is due after 30 s; one that is heard of for a \
minute neither by a frame nor by a pong, likewise. A device acknowledges its inbox with `inbox_ack` once it has \
stored it; what is not acknowledged comes again. When the device does not read fast enough, live frames are left out \
and caught up from the log: nothing is lost, `caught_up` comes again. Before a node goes away it says `draining`.";

const CREDENTIALS: &str = "`Authorization: Bearer <access token>`, or the subprotocols `sotto.v1, ticket.<ticket>`, or \
`?ticket=` with a ticket of `POST /api/ws-tickets` (30 s, one use), or, unless the operator switched it off, \
`?token=<access token>`. A credential that is not valid is told by a close \
code after the upgrade, since browsers can't read the status of a refused one. Pages of foreign origins get 403, full \
nodes answer 503 before the upgrade.";

/// The document as text.
pub fn document() -> String {
    let mut schemas = Map::new();
    let (client, server) = (Side::of::<ClientFrame>(&mut schemas), Side::of::<ServerFrame>(&mut schemas));
    let document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sotto, the socket",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{PROSE}\n\n{CREDENTIALS}\n\n{}", close_codes()),
            "license": { "name": "AGPL-3.0-or-later" },
        },
        "defaultContentType": "application/json",
        "channels": { "ws": {
            "address": "/ws",
            "description": format!("Subprotocol `{SUBPROTOCOL}`; frames of at most {MAX_FRAME_BYTES} bytes."),
            "messages": Value::Object(client.references().chain(server.references()).collect()),
            "bindings": { "ws": { "method": "GET" } },
        } },
        "operations": {
            "clientFrames": client.operation("receive", "What a device says."),
            "serverFrames": server.operation("send", "What a node says."),
        },
        "components": {
            "messages": Value::Object(client.messages.iter().chain(&server.messages).cloned().collect()),
            "schemas": schemas,
        },
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// Frames of one direction.
struct Side {
    /// `ClientFrame.hello` and the message object.
    messages: Vec<(String, Value)>,
}

impl Side {
    /// Every variant of a tagged enum is a message; its other schemas are shared.
    fn of<T: ToSchema + PartialSchema>(schemas: &mut Map<String, Value>) -> Self {
        let mut found = Vec::<(String, RefOr<Schema>)>::new();
        T::schemas(&mut found);
        for (name, schema) in found {
            schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
        }
        let whole = serde_json::to_value(T::schema()).unwrap_or_default();
        let variants = whole["oneOf"].as_array().cloned().unwrap_or_default();
        Self { messages: variants.into_iter().map(|schema| message(&T::name(), schema)).collect() }
    }

    fn references(&self) -> impl Iterator<Item = (String, Value)> {
        let reference = |key: &String| json!({ "$ref": format!("#/components/messages/{key}") });
        self.messages.iter().map(move |(key, _)| (key.clone(), reference(key)))
    }

    fn operation(&self, action: &str, summary: &str) -> Value {
        let reference = |(key, _): &(String, _)| json!({ "$ref": format!("#/channels/ws/messages/{key}") });
        let messages: Vec<Value> = self.messages.iter().map(reference).collect();
        json!({
            "action": action,
            "channel": { "$ref": "#/channels/ws" },
            "summary": summary,
            "messages": messages,
        })
    }
}

fn message(side: &str, mut schema: Value) -> (String, Value) {
    let name = tag(&schema).unwrap_or_default().to_owned();
    let summary = schema.as_object_mut().and_then(|schema| schema.remove("description")).unwrap_or_default();
    (format!("{side}.{name}"), json!({ "name": name, "summary": summary, "payload": schema }))
}

/// The value of `type`, in an object schema or in one composed of several.
fn tag(schema: &Value) -> Option<&str> {
    let own = || schema["properties"]["type"]["enum"][0].as_str();
    own().or_else(|| schema["allOf"].as_array()?.iter().find_map(tag))
}

fn close_codes() -> String {
    let line = |code: &CloseCode| {
        let again = if CloseCode::may_return(code.code()) { "come back" } else { "do not come back" };
        format!("| {} | `{}` | {again} |", code.code(), code.reason())
    };
    let lines: Vec<String> = CloseCode::ALL.iter().map(line).collect();
    format!("Close codes:\n\n| code | reason | then |\n|---|---|---|\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_is_a_message_with_a_name_and_every_reference_leads_somewhere() {
        let text = document();
        let document: Value = serde_json::from_str(&text).unwrap();
        let messages = document["components"]["messages"].as_object().unwrap();
        assert!(messages.len() >= 22, "{}", messages.len());
        assert!(messages.values().all(|message| message["name"].as_str().is_some_and(|name| !name.is_empty())));
        for reference in text.split("\"$ref\": \"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
        assert!(CloseCode::ALL.iter().all(|code| text.contains(&code.code().to_string())));
    }
}
