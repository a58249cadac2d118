//! A code as a terminal shows it: two rows a line in half blocks.

use super::{CodeError, scan};

/// Pixels of a module, in each direction.
const SCALE: usize = 4;
/// Modules around it: who pastes may cut the quiet zone off.
const MARGIN: usize = 4;
/// No code has more modules in a row, nor lines that are longer.
const MOST_MODULES: usize = 200;
/// No code has fewer lines.
const FEWEST_ROWS: usize = 20;

/// Rows of modules that were pasted so far; true where a block is drawn.
#[derive(Default)]
pub struct Blocks {
    rows: Vec<Vec<bool>>,
}

impl Blocks {
    /// Takes a line in; `false` if it is none of a code (prose around it, or an empty one).
    pub fn push(&mut self, line: &str) -> bool {
        let line = without_colours(line.trim_end_matches('\r'));
        let drawn = |c: char| matches!(c, '█' | '▀' | '▄');
        let blank = |c: char| matches!(c, ' ' | '\u{a0}');
        let chars = line.chars().take(MOST_MODULES);
        if line.is_empty() || !line.chars().all(|c| drawn(c) || blank(c)) || self.rows.len() > 2 * MOST_MODULES {
            return false;
        }
        self.rows.push(chars.clone().map(|c| matches!(c, '█' | '▀')).collect());
        self.rows.push(chars.map(|c| matches!(c, '█' | '▄')).collect());
        true
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The code in what was pasted so far, whichever of blocks and blanks is the dark one.
    pub fn code(&self) -> Result<Vec<u8>, CodeError> {
        if self.rows.len() < FEWEST_ROWS {
            return Err(CodeError::None);
        }
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let (width, height) = (columns + 2 * MARGIN, self.rows.len() + 2 * MARGIN);
        let drawn = |x: usize, y: usize| -> Option<bool> {
            let row = self.rows.get((y / SCALE).checked_sub(MARGIN)?)?;
            row.get((x / SCALE).checked_sub(MARGIN)?).copied()
        };
        let dark = |blocks: bool| move |x, y| if drawn(x, y).is_some_and(|block| block == blocks) { 0 } else { 255 };
        let found = scan(width * SCALE, height * SCALE, dark(true));
        if matches!(found, Err(CodeError::None)) {
            return scan(width * SCALE, height * SCALE, dark(false));
        }
        found
    }
}

/// Without the sequences that set colours: output that was saved has them, pasted text does not.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.filter_map(|part| part.split_once('m')).fold(first, |text, (_, rest)| text + rest)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};

    /// As a terminal shows it, `drawn` modules as blocks.
    fn lines(drawn: bool) -> Vec<String> {
        let mut rows = modules(CONTENT);
        if rows.len() % 2 == 1 {
            rows.push(vec![false; rows.len()]);
        }
        let pair = |pair: &[Vec<bool>]| {
            let char = |(upper, lower): (&bool, &bool)| match (*upper == drawn, *lower == drawn) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            };
            pair[0].iter().zip(&pair[1]).map(char).collect()
        };
        rows.chunks(2).map(pair).collect()
    }

    fn read(lines: &[String]) -> Result<Vec<u8>, CodeError> {
        let mut blocks = Blocks::default();
        for line in lines {
            blocks.push(line);
        }
        blocks.code()
    }

    #[test]
    fn half_blocks_are_read_on_dark_and_on_light_terminals() {
        assert_eq!(read(&lines(true)).unwrap(), CONTENT);
        assert_eq!(read(&lines(false)).unwrap(), CONTENT);
    }

    #[test]
    fn colours_are_no_part_of_it() {
        let coloured: Vec<String> = lines(true).iter().map(|line| format!("\x1b[30;107m{line}\x1b[0m")).collect();
        assert_eq!(read(&coloured).unwrap(), CONTENT);
    }

    #[test]
    fn prose_around_it_and_cut_margins_do_no_harm() {
        let mut pasted: Vec<String> = lines(true).iter().map(|line| line.trim_end().to_owned()).collect();
        pasted.insert(0, "Scan this with your other device:".to_owned());
        pasted.push("It is good for 5 minutes.".to_owned());
        assert_eq!(read(&pasted).unwrap(), CONTENT);
    }

    #[test]
    fn a_part_of_a_code_is_none() {
        let all = lines(true);
        assert!(matches!(read(&all[..all.len() / 2]), Err(CodeError::None)));
        assert!(matches!(read(&[]), Err(CodeError::None)));
    }
}
