//! Line charts as SVG. Colours of text and lines follow the page, so that they are readable on light and dark.

use std::fmt::Write as _;

/// A line of a chart.
#[derive(Clone, Debug, Default)]
pub struct Series {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// A scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Beginning with zero.
    #[default]
    Linear,
    Log,
    /// Quantiles: 0.9, 0.99, 0.999 are equally far apart.
    Nines,
}

/// A chart.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    pub title: String,
    pub x: (String, Scale),
    pub y: (String, Scale),
    pub series: Vec<Series>,
}

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 38.0;
/// Told apart by people who see colours differently, too.
const COLOURS: [&str; 8] = ["#4269d0", "#d58f00", "#e4593f", "#3a9d8c", "#7d4cc8", "#3b8f3e", "#c4527f", "#7a7f87"];

/// From values to places.
struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
}

impl Axis {
    fn new(scale: Scale, values: impl Iterator<Item = f64> + Clone) -> Self {
        let least = values.clone().filter(|value| scale != Scale::Log || *value > 0.0).fold(f64::INFINITY, f64::min);
        let most = values.fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = match scale {
            Scale::Linear => (least.min(0.0), most),
            Scale::Log => (least, most),
            Scale::Nines => (0.0, most),
        };
        // Nothing, or one value only, still has a place.
        let high = if high > low { high } else { low.abs().mul_add(0.1, low) + 1e-9 };
        Self { scale, low, high }
    }

    fn bent(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Log => value.max(self.low).log10(),
            Scale::Nines => -(1.0 - value.min(0.999_999)).log10(),
        }
    }

    /// Between 0 and 1.
    fn place(&self, value: f64) -> f64 {
        let (low, high) = (self.bent(self.low), self.bent(self.high));
        ((self.bent(value) - low) / (high - low)).clamp(0.0, 1.0)
    }

    fn ticks(&self) -> Vec<f64> {
        match self.scale {
            Scale::Nines => [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999].into_iter().filter(|at| *at <= self.high).collect(),
            Scale::Linear => linear_ticks(self.low, self.high),
            Scale::Log => log_ticks(self.low, self.high),
        }
    }
}

fn linear_ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough);
    let step = step.unwrap_or(power * 10.0);
    let mut at = (low / step).ceil() * step;
    let mut ticks = Vec::new();
    while at <= high + step * 1e-6 {
        ticks.push(if at.abs() < step * 1e-6 { 0.0 } else { at });
        at += step;
    }
    ticks
}

fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let decades = (high / low).log10();
    let times: &[f64] = if decades < 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let mut power = 10_f64.powf(low.log10().floor());
    let mut ticks = Vec::new();
    while power <= high {
        ticks.extend(times.iter().map(|time| time * power).filter(|at| (low..=high).contains(at)));
        power *= 10.0;
    }
    ticks
}

/// A number as people write it.
pub fn number(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        _ if size >= 1e6 => return format!("{}M", trimmed(format!("{:.1}", value / 1e6))),
        _ if size >= 1e4 => return format!("{}k", trimmed(format!("{:.1}", value / 1e3))),
        _ if size >= 100.0 => format!("{value:.0}"),
        _ if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    };
    trimmed(text)
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Text inside of elements and attributes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Chart {
    /// The picture; nothing if there is no point.
    pub fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| series.points.iter());
        if points().next().is_none() {
            return String::new();
        }
        let x = Axis::new(self.x.1, points().map(|point| point.0));
        let y = Axis::new(self.y.1, points().map(|point| point.1));
        let across = |value: f64| LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
        let down = |value: f64| HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = write!(
            out,
            r#"<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}"><text class="t" x="{LEFT}" y="16">{title}</text>"#,
            title = escaped(&self.title)
        );
        for tick in y.ticks() {
            let (at, label) = (down(tick), number(tick));
            let (end, text) = (WIDTH - RIGHT, LEFT - 6.0);
            let _ = write!(out, r#"<line class="g" x1="{LEFT}" x2="{end}" y1="{at:.1}" y2="{at:.1}"/>"#);
            let _ = write!(out, r#"<text class="l" text-anchor="end" x="{text}" y="{:.1}">{label}</text>"#, at + 3.5);
        }
        for tick in x.ticks() {
            let (at, bottom) = (across(tick), HEIGHT - BOTTOM);
            let label = if x.scale == Scale::Nines {
                format!("p{}", trimmed(format!("{:.2}", tick * 100.0)))
            } else {
                number(tick)
            };
            let _ = write!(out, r#"<line class="g" x1="{at:.1}" x2="{at:.1}" y1="{TOP}" y2="{bottom}"/>"#);
            let _ = write!(
                out,
                r#"<text class="l" text-anchor="middle" x="{at:.1}" y="{:.1}">{label}</text>"#,
                bottom + 14.0
            );
        }
        let _ = write!(
            out,
            r#"<text class="l" text-anchor="end" x="{:.1}" y="{:.1}">{}</text><text class="l" text-anchor="end" x="{:.1}" y="16">{}</text>"#,
            WIDTH - RIGHT,
            HEIGHT - 8.0,
            escaped(&self.x.0),
            WIDTH - RIGHT,
            escaped(&self.y.0)
        );
        for (at, series) in self.series.iter().enumerate() {
            let colour = COLOURS[at % COLOURS.len()];
            let path: Vec<String> =
                series.points.iter().map(|point| format!("{:.1},{:.1}", across(point.0), down(point.1))).collect();
            let _ = write!(out, r#"<polyline points="{}" stroke="{colour}"/>"#, path.join(" "));
            if series.points.len() <= 24 {
                for (value, place) in series.points.iter().zip(&path) {
                    let (cx, cy) = place.split_once(',').unwrap_or_default();
                    let says = format!("{}: {}, {}", series.name, number(value.0), number(value.1));
                    let _ = write!(
                        out,
                        r#"<circle cx="{cx}" cy="{cy}" r="2.5" fill="{colour}"><title>{}</title></circle>"#,
                        escaped(&says)
                    );
                }
            }
        }
        out.push_str("</svg><figcaption>");
        for (at, series) in self.series.iter().enumerate() {
            let colour = COLOURS[at % COLOURS.len()];
            let _ = write!(out, r#"<span><i style="background:{colour}"></i>{}</span>"#, escaped(&series.name));
        }
        out.push_str("</figcaption></figure>\n");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        assert_eq!(linear_ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(log_ticks(0.5, 30.0), [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        let quantiles = Axis::new(Scale::Nines, [0.0, 0.5, 0.999].into_iter());
        assert_eq!(quantiles.ticks(), [0.0, 0.5, 0.9, 0.99, 0.999]);
    }

    #[test]
    fn places_keep_the_order_of_values() {
        for scale in [Scale::Linear, Scale::Log, Scale::Nines] {
            let values = [0.1, 0.5, 0.9, 0.99];
            let axis = Axis::new(scale, values.into_iter());
            assert!(values.windows(2).all(|pair| axis.place(pair[0]) < axis.place(pair[1])), "{scale:?}");
        }
    }

    #[test]
    fn a_chart_names_what_it_shows_and_no_name_ends_an_element() {
        let series = Series { name: "a<b".into(), points: vec![(1.0, 2.0), (2.0, 3.0)] };
        let chart = Chart { title: "t & u".into(), series: vec![series], ..Chart::default() };
        let svg = chart.svg();
        assert!(svg.contains("t &amp; u") && svg.contains("a&lt;b") && !svg.contains("NaN"), "{svg}");
        assert_eq!(Chart::default().svg(), "");
    }

    #[test]
    fn one_point_has_a_place() {
        let series = Series { name: "one".into(), points: vec![(5.0, 0.0)] };
        let chart = Chart { series: vec![series], ..Chart::default() };
        assert!(!chart.svg().contains("NaN"));
    }

    #[test]
    fn numbers_are_short() {
        let all = [0.0, 0.125, 3.5, 120.4, 15_000.0, 2_500_000.0].map(number);
        assert_eq!(all, ["0", "0.125", "3.5", "120", "15k", "2.5M"]);
    }
}
