//! Lines over two axes as SVG, on white, so that it can be read on any page.

use std::fmt::Write as _;

use super::axis::Axis;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 72.0;
/// Room for the names of the lines.
const RIGHT: f64 = 230.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 60.0;
/// Between two names.
const NAME_HEIGHT: f64 = 17.0;

/// A line.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) color: &'static str,
    pub(super) width: f64,
    pub(super) points: Vec<(f64, f64)>,
}

/// Lines over two axes.
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) series: Vec<Series>,
}

impl Chart {
    /// Whether there is anything to draw.
    pub(super) fn has_lines(&self) -> bool {
        self.series.iter().any(|series| series.points.len() > 1)
    }

    /// The picture.
    pub(super) fn to_svg(&self) -> String {
        let values = |of: fn(&(f64, f64)) -> f64| self.series.iter().flat_map(|line| &line.points).map(of);
        let x = self.x.over(values(|point| point.0));
        let y = self.y.over(values(|point| point.1));
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
        );
        svg += &text(LEFT, 24.0, "start", "font-size=\"15\"", self.title);
        svg += &grid(&x, &y);
        for series in &self.series {
            svg += &line(series, &x, &y);
        }
        svg += &self.names(&x, &y);
        svg + "</svg>\n"
    }

    /// Each name beside the end of its line, and under the one above it.
    fn names(&self, x: &Axis, y: &Axis) -> String {
        let mut ends: Vec<(f64, f64, &Series)> = Vec::new();
        for series in &self.series {
            ends.extend(series.points.last().map(|point| (across(x, point.0), down(y, point.1), series)));
        }
        ends.sort_by(|one, other| one.1.total_cmp(&other.1));
        let mut names = String::new();
        let mut free = TOP;
        for (index, (from, end, series)) in ends.iter().enumerate() {
            // Those that come later need their room too.
            let lowest = HEIGHT - BOTTOM - (ends.len() - 1 - index) as f64 * NAME_HEIGHT;
            let at = end.max(free).min(lowest);
            free = at + NAME_HEIGHT;
            let to = WIDTH - RIGHT + 22.0;
            let color = series.color;
            writeln!(
                names,
                "<path d=\"M{from:.1} {end:.1}L{to:.1} {at:.1}\" stroke=\"{color}\" opacity=\"0.5\"/>"
            )
            .expect("a String takes every text");
            names += &text(to + 4.0, at + 4.0, "start", &format!("fill=\"{color}\""), &series.name);
        }
        names
    }
}

fn across(x: &Axis, value: f64) -> f64 {
    LEFT + x.place(value) * (WIDTH - LEFT - RIGHT)
}

fn down(y: &Axis, value: f64) -> f64 {
    HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM)
}

/// The marks of both axes, and what the axes count.
fn grid(x: &Axis, y: &Axis) -> String {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    let mut svg = String::new();
    let mut rule = |path: String| {
        writeln!(svg, "<path d=\"{path}\" stroke=\"#ddd\"/>").expect("a String takes every text");
    };
    for (value, _) in &x.marks {
        rule(format!("M{0:.1} {TOP}V{bottom}", across(x, *value)));
    }
    for (value, _) in &y.marks {
        rule(format!("M{LEFT} {0:.1}H{right}", down(y, *value)));
    }
    for (value, name) in &x.marks {
        svg += &text(across(x, *value), bottom + 20.0, "middle", "", name);
    }
    for (value, name) in &y.marks {
        svg += &text(LEFT - 8.0, down(y, *value) + 4.0, "end", "", name);
    }
    svg += &text(f64::midpoint(LEFT, right), HEIGHT - 14.0, "middle", "", x.label);
    let middle = f64::midpoint(TOP, bottom);
    svg + &text(18.0, middle, "middle", &format!("transform=\"rotate(-90 18 {middle})\""), y.label)
}

/// The line, and a dot for each figure.
fn line(series: &Series, x: &Axis, y: &Axis) -> String {
    let Series { color, width, .. } = series;
    let places: Vec<(f64, f64)> =
        series.points.iter().map(|(one, other)| (across(x, *one), down(y, *other))).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let mut svg = format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"/>\n",
        path.join(" ")
    );
    for (x, y) in places {
        writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{color}\"/>")
            .expect("a String takes every text");
    }
    svg
}

/// No text that is drawn has a character that XML gives a meaning.
fn text(x: f64, y: f64, anchor: &str, more: &str, text: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {more}>{text}</text>\n")
}
