//! Which charts a result has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::svg::{Chart, Scale, Series};

/// All charts of a result's figures.
pub fn of(figures: &Value) -> Vec<Chart> {
    let mut charts = vec![percentiles(figures)];
    charts.extend(steps(figures));
    charts.extend(curves(figures));
    charts.extend(looks(figures));
    charts.push(timeline(figures));
    charts.retain(|chart| chart.series.iter().any(|series| series.points.len() > 1));
    charts
}

fn label(text: &str) -> String {
    text.to_owned()
}

fn point(value: &Value, x: &str, y: &str) -> Option<(f64, f64)> {
    Some((value[x].as_f64()?, value[y].as_f64()?))
}

/// Everything with a curve of quantiles, wherever it is.
fn percentiles(figures: &Value) -> Chart {
    let mut series = Vec::new();
    collect(figures, "", &mut series);
    Chart {
        title: label("Latency by percentile"),
        x: (label("percentile"), Scale::Nines),
        y: (label("ms, log"), Scale::Log),
        series,
    }
}

fn collect(value: &Value, path: &str, series: &mut Vec<Series>) {
    let Value::Object(fields) = value else { return };
    if let Some(curve) = fields.get("curve").and_then(Value::as_array) {
        let points = curve.iter().filter_map(|pair| Some((pair.get(0)?.as_f64()?, pair.get(1)?.as_f64()?)));
        series.push(Series { name: name_of(path), points: points.filter(|point| point.1 > 0.0).collect() });
        return;
    }
    for (name, inner) in fields {
        collect(inner, &format!("{path} {name}"), series);
    }
}

/// A path of fields in words.
fn name_of(path: &str) -> String {
    let words: Vec<&str> = path.split_whitespace().filter(|word| *word != "ms").collect();
    words.join(" ").trim_end_matches("_ms").replace('_', " ")
}

fn steps(figures: &Value) -> Vec<Chart> {
    let Some(steps) = figures["steps"].as_array() else { return Vec::new() };
    let line = |name: &str, field: &str| Series {
        name: label(name),
        points: steps.iter().filter_map(|step| point(step, "rate", field)).collect(),
    };
    vec![
        Chart {
            title: label("Latency by rate"),
            x: (label("messages a second"), Scale::Linear),
            y: (label("ms, log"), Scale::Log),
            series: vec![line("p50", "p50_ms"), line("p99", "p99_ms")],
        },
        Chart {
            title: label("Cost by rate"),
            x: (label("messages a second"), Scale::Linear),
            y: (label("CPU s for 1,000"), Scale::Linear),
            series: vec![line("servers", "cpu_s_per_1000")],
        },
    ]
}

fn curves(figures: &Value) -> Vec<Chart> {
    let Some(curves) = figures["curves"].as_object() else { return Vec::new() };
    let mut charts = Vec::new();
    for (name, points) in curves {
        let points: &[Value] = points.as_array().map_or(&[], Vec::as_slice);
        let line = |name: &str, of: &dyn Fn(&Value) -> Option<(f64, f64)>| Series {
            name: label(name),
            points: points.iter().filter_map(of).collect(),
        };
        let field = |field: &'static str| move |value: &Value| point(value, "x", field);
        charts.push(Chart {
            title: format!("Cost by {name}"),
            x: (name.clone(), Scale::Linear),
            y: (label("CPU s for 1,000"), Scale::Linear),
            series: vec![
                line("servers", &field("cpu_s_per_1000")),
                line("without what they use at rest", &field("cpu_s_per_1000_net")),
            ],
        });
        let catch_up = |value: &Value| Some((value["x"].as_f64()?, value["more"]["catch_up_p50_ms"].as_f64()?));
        charts.push(Chart {
            title: format!("Latency by {name}"),
            x: (name.clone(), Scale::Linear),
            y: (label("ms"), Scale::Linear),
            series: vec![line("p50", &field("p50_ms")), line("p99", &field("p99_ms")), line("catch-up p50", &catch_up)],
        });
    }
    charts
}

/// Memory and descriptors over time.
fn looks(figures: &Value) -> Vec<Chart> {
    let Some(looks) = figures["looks"].as_array() else { return Vec::new() };
    let Some(first) = looks.first().and_then(|look| look["at_ns"].as_f64()) else { return Vec::new() };
    let lines = |field: &str, unit: f64| {
        let mut lines: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        for look in looks {
            let at = (look["at_ns"].as_f64().unwrap_or(first) - first) / 1e9;
            for (part, usage) in look["parts"].as_object().into_iter().flatten() {
                if let Some(value) = usage[field].as_f64().filter(|_| !part.starts_with("generator")) {
                    lines.entry(part).or_default().push((at, value / unit));
                }
            }
        }
        lines.into_iter().map(|(name, points)| Series { name: label(name), points }).collect()
    };
    vec![
        Chart {
            title: label("Memory over time"),
            x: (label("seconds"), Scale::Linear),
            y: (label("MiB, proportional"), Scale::Linear),
            series: lines("pss", 1_048_576.0),
        },
        Chart {
            title: label("Descriptors over time"),
            x: (label("seconds"), Scale::Linear),
            y: (label("descriptors"), Scale::Linear),
            series: lines("descriptors", 1.0),
        },
    ]
}

fn timeline(figures: &Value) -> Chart {
    let mut lines: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for moment in figures["timeline"].as_array().into_iter().flatten() {
        let at = moment["s"].as_f64().unwrap_or(0.0);
        for (part, cores) in moment["cores"].as_object().into_iter().flatten() {
            lines.entry(part).or_default().push((at, cores.as_f64().unwrap_or(0.0)));
        }
    }
    Chart {
        title: label("CPU over time"),
        x: (label("seconds"), Scale::Linear),
        y: (label("cores"), Scale::Linear),
        series: lines.into_iter().map(|(name, points)| Series { name: label(name), points }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_has_a_chart_for_each_kind_of_curve_in_it() {
        let figures = json!({
            "ms": { "last": { "curve": [[0.5, 1.0], [0.99, 3.0]] } },
            "steps": [{ "rate": 1, "p50_ms": 1.0, "p99_ms": 2.0 }, { "rate": 2, "p50_ms": 1.0, "p99_ms": 4.0 }],
            "curves": { "nodes": [{ "x": 2, "cpu_s_per_1000": 0.1 }, { "x": 8, "cpu_s_per_1000": 0.1 }] },
            "looks": [{ "at_ns": 0, "parts": { "node-1": { "pss": 5, "descriptors": 3 } } },
                      { "at_ns": 9, "parts": { "node-1": { "pss": 6, "descriptors": 3 } } }],
            "timeline": [{ "s": 1.0, "cores": { "nodes": 0.5 } }, { "s": 2.0, "cores": { "nodes": 0.6 } }],
        });
        let titles: Vec<String> = of(&figures).into_iter().map(|chart| chart.title).collect();
        assert_eq!(
            titles,
            [
                "Latency by percentile",
                "Latency by rate",
                "Cost by nodes",
                "Memory over time",
                "Descriptors over time",
                "CPU over time"
            ]
        );
        assert_eq!(of(&figures)[0].series[0].name, "last");
    }

    #[test]
    fn a_result_without_curves_has_no_charts() {
        assert!(of(&json!({ "bytes_each": 9 })).is_empty());
    }
}
