//! The page around the charts.

use std::fmt::Write as _;

use serde_json::Value;

use super::{charts, svg::escaped};

const STYLE: &str = "
:root { color-scheme: light dark; --text: #1b1e23; --soft: #5d6570; --grid: #e3e6ea; --back: #fff; --card: #f6f7f9 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e8eb; --soft: #a0a8b3; --grid: #33383f; --back: #16181c; --card: #1e2126 }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 1000px;
  margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2.5rem; border-top: 1px solid var(--grid); padding-top: 1rem }
a { color: inherit } code { background: var(--card); padding: .15em .4em; border-radius: 4px; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% } td { padding: .3em .6em .3em 0; border-bottom: 1px solid var(--grid);
  vertical-align: top }
p.soft, figcaption { color: var(--soft); font-size: 13px }
.charts { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0; flex: 1 1 440px; max-width: 490px;
  background: var(--card); border-radius: 8px; padding: .5rem }
svg { width: 100%; height: auto; display: block } svg polyline { fill: none; stroke-width: 1.8 }
svg text { fill: var(--soft); font: 10.5px system-ui, sans-serif } svg text.t { fill: var(--text); font-weight: 600;
  font-size: 12px } svg .g { stroke: var(--grid) }
figcaption span { margin-right: 1em; white-space: nowrap } figcaption i { display: inline-block; width: .8em; height: .8em;
  border-radius: 2px; margin-right: .35em }
";

/// The whole page.
pub fn page(results: &[Value]) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>Sotto: load tests</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>Sotto: load tests</h1>\n<p class=\"soft\">All on one machine, \
         which also ran PostgreSQL, Redis, nginx and the generators. Latencies run from the moment a message was to be \
         sent.</p>\n<table>\n"
    );
    for result in results {
        let name = text(&result["measured"]["name"]);
        let first = result["measured"]["lines"].get(0).map(text).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(out, "<tr><td><a href=\"#{name}\">{name}</a></td><td>{first}</td></tr>");
    }
    out.push_str("</table>\n");
    for result in results {
        section(&mut out, result);
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn section(out: &mut String, result: &Value) {
    let measured = &result["measured"];
    let name = text(&measured["name"]);
    let _ = writeln!(out, "<h2 id=\"{name}\">{name}</h2>\n<ul>");
    for line in measured["lines"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "<li>{}</li>", text(line));
    }
    let machine = &result["machine"];
    let _ = writeln!(
        out,
        "</ul>\n<p><code>{}</code></p>\n<p class=\"soft\">{}: {} build, {} nodes, {} x {}, load before {}</p>\n\
         <div class=\"charts\">",
        text(&result["command"]),
        text(&result["at"]),
        text(&result["build"]),
        result["nodes"],
        machine["cpus"],
        text(&machine["cpu"]),
        text(&machine["load"]),
    );
    for chart in charts::of(&measured["figures"]) {
        out.push_str(&chart.svg());
    }
    out.push_str("</div>\n");
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_stands_alone_and_says_how_to_make_each_result_again() {
        let result = json!({
            "at": "2026-01-01", "command": "sotto-loadgen bench dm <x>", "build": "release", "nodes": 3,
            "machine": { "cpus": 2, "cpu": "c", "load": "0 0 0" },
            "measured": { "name": "dm", "lines": ["fast & sure"], "figures": { "ms": { "last": { "curve": [[0.5, 1], [0.9, 2]] } } } },
        });
        let page = page(&[result]);
        assert!(page.contains("bench dm &lt;x&gt;") && page.contains("fast &amp; sure") && page.contains("<svg"));
        assert!(
            !page.contains("http://") && !page.contains("https://") && !page.contains("<script"),
            "it needs nothing"
        );
    }
}
