//! The OpenAPI 3.1 document, from the code: `openapi/openapi.json` is its committed form.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use sotto_protocol::{Problem, ProblemCode};
use utoipa::{
    OpenApi, PartialSchema as _, ToSchema as _,
    openapi::{
        Content, HeaderBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder,
        extensions::Extensions,
        path::{Operation, PathItem},
        schema::{ObjectBuilder, Schema, Type},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::{ApiState, problem::PROBLEM_JSON, router::ApiRouter};

/// The requirement of a valid access token, for `security(("bearer" = []))`. With `["verified"]` the account must
/// have signed the device, with `["fresh"]` the password must have been given within five minutes.
pub const BEARER: &str = "bearer";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sotto",
        description = "End-to-end encrypted messaging for people with many devices. Errors are RFC 9457 problem \
                       documents; match `code`, never text. Requests refuse unknown fields, answers may gain fields. \
                       The socket is described in /asyncapi.json. Which bytes are signed, hashed and encrypted is in \
                       docs/API-DESIGN.md of the source, with examples: it is all that a client needs besides this.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later"),
    ),
    tags(
        (name = "accounts", description = "Accounts and tokens"),
        (name = "devices", description = "Devices of an account"),
        (name = "keys", description = "Keys of devices and accounts"),
        (name = "linking", description = "Linking a further device"),
        (name = "history", description = "Handing history over to a device that was linked"),
        (name = "backup", description = "The key backup"),
        (name = "recovery", description = "Recovering an account"),
        (name = "people", description = "Finding and blocking people"),
        (name = "conversations", description = "Conversations, members, marks"),
        (name = "messages", description = "Sending and reading messages"),
        (name = "sync", description = "The inbox, tickets and the socket"),
        (name = "health", description = "How a node is"),
    ),
)]
struct Base;

/// Declares which problems a handler itself may answer with, as a type for its `responses(..)`; what every route of
/// its kind may answer is added by [`split`].
///
/// ```ignore
/// problems! { RenameDevice = [NotFound] }
/// #[utoipa::path(.., responses((status = 200, body = Device), RenameDevice))]
/// ```
#[macro_export]
macro_rules! problems {
    ($($name:ident = [$($code:ident),* $(,)?])*) => {
        $(
            struct $name;

            impl utoipa::IntoResponses for $name {
                fn responses()
                -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                    $crate::openapi::responses(&[$(sotto_protocol::ProblemCode::$code),*])
                }
            }
        )*
    };
}

/// Names the codes of a response's problems.
const CODES: &str = "x-codes";

const BEARER_DESCRIPTION: &str = "An access token. Some operations ask for more of it: `verified`, the account has \
signed the device (otherwise 403 `device_unverified`: link it or recover); `fresh`, the password was given within five \
minutes (otherwise 403 `step_up_required`: `POST /auth/step-up` gives such a token).";

/// What ids in paths stand for.
const PATH_IDS: [(&str, &str); 5] = [
    ("conversation_id", "The conversation."),
    ("device_id", "The device."),
    ("history_id", "The history."),
    ("rendezvous_id", "The rendezvous."),
    ("user_id", "The person."),
];

/// One response a status, naming its codes.
pub fn responses(codes: &[ProblemCode]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status = BTreeMap::<u16, BTreeSet<&str>>::new();
    for code in codes {
        by_status.entry(code.status()).or_default().insert(code.as_str());
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), problem(&codes).into())).collect()
}

fn problem(codes: &BTreeSet<&str>) -> Response {
    let named = ProblemCode::ALL.iter().filter(|code| codes.contains(code.as_str()));
    let lines = named.map(|code| format!("`{}`: {}", code.as_str(), code.title()));
    let extensions = [(CODES, serde_json::json!(codes))].into_iter().collect::<Extensions>();
    let mut response = ResponseBuilder::new()
        .description(lines.collect::<Vec<_>>().join(". "))
        .content(PROBLEM_JSON, Content::new(Some(Ref::from_schema_name(Problem::name()))))
        .extensions(Some(extensions));
    let has_status = |status: &[u16]| {
        ProblemCode::ALL.iter().any(|code| codes.contains(code.as_str()) && status.contains(&code.status()))
    };
    if has_status(&[429, 503]) {
        let header = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::Integer)));
        let text = "`retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none";
        response = response.header("Retry-After", header.description(Some(text)).build());
    }
    if has_status(&[401]) {
        let header = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        response = response.header("WWW-Authenticate", header.description(Some("`Bearer`")).build());
    }
    response.build()
}

/// The routes, and the document as text.
pub fn split(routes: ApiRouter) -> (Router<ApiState>, String) {
    let (app, found) = routes.split_for_parts();
    let mut document = Base::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document.merge(found);
    complete(&mut document);
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    (app, text)
}

/// The document as text.
pub fn document() -> String {
    split(crate::router::routes()).1
}

fn complete(document: &mut Document) {
    let components = document.components.get_or_insert_default();
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.bearer_format = Some("JWT".to_owned());
    http.description = Some(BEARER_DESCRIPTION.to_owned());
    components.security_schemes.insert(BEARER.to_owned(), SecurityScheme::Http(http).into());
    let mut schemas = Vec::<(String, RefOr<Schema>)>::new();
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            add_common(path, operation);
            describe_ids(operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

fn describe_ids(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let known = PATH_IDS.iter().find(|(name, _)| *name == parameter.name);
        if let (None, Some((_, text))) = (&parameter.description, known) {
            parameter.description = Some((*text).to_owned());
        }
    }
}

/// What a route may answer because of what it takes.
fn add_common(path: &str, operation: &mut Operation) {
    use ProblemCode as P;
    let mut codes = Vec::new();
    if path.starts_with("/api/") || path.starts_with("/auth/") {
        codes.extend([P::RateLimited, P::Internal, P::Unavailable]);
    }
    let security = serde_json::to_string(&operation.security).unwrap_or_default();
    if security.contains(BEARER) {
        codes.extend([P::Unauthorized, P::TokenExpired, P::DeviceRevoked]);
    }
    if security.contains("\"verified\"") {
        codes.push(P::DeviceUnverified);
    }
    if security.contains("\"fresh\"") {
        codes.push(P::StepUpRequired);
    }
    if operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty()) {
        codes.push(P::InvalidRequest);
    }
    if operation.request_body.is_some() {
        codes.extend([P::MalformedJson, P::InvalidRequest, P::RequestTimeout]);
        codes.extend([P::PayloadTooLarge, P::UnsupportedMediaType]);
    }
    for (status, response) in responses(&codes) {
        let merged = match operation.responses.responses.remove(&status) {
            Some(RefOr::T(own)) => merge(own, response),
            Some(reference) => reference,
            None => response,
        };
        operation.responses.responses.insert(status, merged);
    }
}

/// Codes of the handler and of the kind of route, in one response.
fn merge(own: Response, common: RefOr<Response>) -> RefOr<Response> {
    let RefOr::T(common) = common else { return common };
    let (Some(mine), Some(theirs)) = (codes_of(&own), codes_of(&common)) else { return own.into() };
    problem(&mine.union(&theirs).map(String::as_str).collect()).into()
}

fn codes_of(response: &Response) -> Option<BTreeSet<String>> {
    serde_json::from_value(response.extensions.as_ref()?.get(CODES)?.clone()).ok()
}
