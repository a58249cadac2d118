//! Reading QR codes without a camera: from a picture, from text that a terminal showed, from the bytes as hex or base64.

mod blocks;
mod bytes;
mod picture;

use std::path::Path;

use rqrr::PreparedImage;

use crate::{
    ask::Ask,
    failure::{Failure, Outcome},
    show::Show,
};

pub use blocks::Blocks;
pub use bytes::from_text;

/// A file of this size is no picture of a code.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// What is longer, without spaces, and no code is no prose around one either.
const LONGEST_WORD: usize = 40;

/// Why there are no bytes.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// No code, or none that can be read.
    #[error("there is no readable code in it")]
    None,
    /// More than one.
    #[error("there is more than one code in it")]
    Several,
    /// Not a PNG that can be read.
    #[error("the picture can't be read: {0}")]
    Picture(#[from] png::DecodingError),
    /// Too large for a code.
    #[error("it is too large for a picture of a code")]
    TooLarge,
    /// Neither a PNG nor text.
    #[error("it is neither a PNG nor text")]
    Format,
}

/// Reads the code in a file, or what is pasted for `-`.
///
/// # Errors
/// [`Failure::Code`]; [`Failure::File`].
pub async fn read(source: &Path, ask: &mut Ask, show: Show) -> Outcome<Vec<u8>> {
    if source == Path::new("-") {
        show.ask("code", "Paste the code here:", serde_json::json!({}));
        return pasted(ask).await;
    }
    let failed = |error| Failure::File { path: source.to_owned(), source: error };
    let size = std::fs::metadata(source).map_err(failed)?.len();
    if size > MOST_BYTES {
        return Err(CodeError::TooLarge.into());
    }
    Ok(in_file(&std::fs::read(source).map_err(failed)?)?)
}

fn in_file(content: &[u8]) -> Result<Vec<u8>, CodeError> {
    if content.starts_with(b"\x89PNG") {
        return picture::code(content);
    }
    let text = std::str::from_utf8(content).map_err(|_| CodeError::Format)?;
    if let Some(bytes) = from_text(text) {
        return Ok(bytes);
    }
    let mut blocks = Blocks::default();
    for line in text.lines() {
        blocks.push(line);
    }
    blocks.code()
}

/// Lines until they hold a code, or two empty ones after a part of one.
async fn pasted(ask: &mut Ask) -> Outcome<Vec<u8>> {
    let mut blocks = Blocks::default();
    let mut empty = 0;
    while let Some(line) = ask.line().await {
        if let Some(bytes) = from_text(&line) {
            return Ok(bytes);
        }
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if blocks.push(&line)
            && let Ok(bytes) = blocks.code()
        {
            return Ok(bytes);
        }
        let word = line.trim();
        let hopeless = word.len() > LONGEST_WORD && word.is_ascii() && !word.contains(' ');
        if hopeless || (empty > 1 && !blocks.is_empty()) {
            return Err(CodeError::None.into());
        }
    }
    Ok(blocks.code()?)
}

/// The one code in a picture of so many pixels; dark on light or light on dark.
fn scan(width: usize, height: usize, luminance: impl Fn(usize, usize) -> u8) -> Result<Vec<u8>, CodeError> {
    let found = scan_dark(width, height, &luminance);
    if matches!(found, Err(CodeError::None)) {
        return scan_dark(width, height, |x, y| 255 - luminance(x, y));
    }
    found
}

fn scan_dark(width: usize, height: usize, luminance: impl Fn(usize, usize) -> u8) -> Result<Vec<u8>, CodeError> {
    let mut image = PreparedImage::prepare_from_greyscale(width, height, luminance);
    let mut read = Vec::new();
    for grid in image.detect_grids() {
        let mut bytes = Vec::new();
        if grid.decode_to(&mut bytes).is_ok() {
            read.push(bytes);
        }
    }
    match read.pop() {
        Some(bytes) if read.is_empty() => Ok(bytes),
        Some(_) => Err(CodeError::Several),
        None => Err(CodeError::None),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use sotto_sdk::QrPicture;

    use super::*;

    pub(crate) const CONTENT: &[u8] = b"SOTTO\x01\x01\x00\xff\xfe not \x80 text";

    /// Modules of a code with its quiet zone, row by row; true is dark.
    pub(crate) fn modules(content: &[u8]) -> Vec<Vec<bool>> {
        let picture = QrPicture::new(content.to_vec()).unwrap().to_terminal();
        let plain = picture.replace("\x1b[30;107m", "").replace("\x1b[0m", "");
        let row = |line: &str, dark: [char; 2]| line.chars().map(|c| dark.contains(&c)).collect();
        let mut rows: Vec<Vec<bool>> =
            plain.lines().flat_map(|line| [row(line, ['█', '▀']), row(line, ['█', '▄'])]).collect();
        // A code has an odd number of rows; the last line has one more.
        rows.truncate(rows[0].len());
        rows
    }

    #[test]
    fn bytes_come_out_as_they_went_in_dark_on_light_and_light_on_dark() {
        let rows = modules(CONTENT);
        let size = rows.len() * 3;
        let at = |x: usize, y: usize| if rows[y / 3][x / 3] { 20 } else { 230 };
        assert_eq!(scan(size, size, at).unwrap(), CONTENT);
        assert_eq!(scan(size, size, |x, y| 255 - at(x, y)).unwrap(), CONTENT);
    }

    #[test]
    fn a_link_is_read_as_what_it_is() {
        let rows = modules(b"https://elsewhere.example");
        let size = rows.len() * 3;
        let at = |x: usize, y: usize| if rows[y / 3][x / 3] { 0 } else { 255 };
        assert_eq!(scan(size, size, at).unwrap(), b"https://elsewhere.example");
    }

    #[test]
    fn what_holds_no_code_is_said_to_hold_none() {
        assert!(matches!(scan(40, 40, |_, _| 255), Err(CodeError::None)));
        assert!(matches!(in_file(b"hello"), Err(CodeError::None)));
        assert!(matches!(in_file(b""), Err(CodeError::None)));
        assert!(matches!(in_file(b"\xff\xd8\xff\xe0"), Err(CodeError::Format)));
        assert!(matches!(in_file(b"\x89PNG but not"), Err(CodeError::Picture(_))));
    }

    #[test]
    fn two_codes_are_not_chosen_from() {
        let rows = modules(CONTENT);
        let (width, height) = (rows.len() * 6, rows.len() * 3);
        let at = |x: usize, y: usize| if rows[y / 3][(x / 3) % rows.len()] { 0 } else { 255 };
        assert!(matches!(scan(width, height, at), Err(CodeError::Several)));
    }
}
