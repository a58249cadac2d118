//! QR codes (ISO/IEC 18004) of binary content, in byte mode, as an app shows them.

use qrcode::{
    Color, EcLevel, QrCode,
    bits::Bits,
    render::svg,
    types::{QrError, Version},
};

use crate::{SdkError, SdkResult};

/// Light modules that a reader needs on every side.
const QUIET_ZONE: usize = 4;
/// Middle: an eighth of the picture may be spoilt, and it stays coarse enough for the camera of an old phone.
const CORRECTION: EcLevel = EcLevel::M;
/// Pixels a module in SVG; the picture scales.
const MODULE: u32 = 8;

/// A QR code of bytes.
#[derive(Clone)]
pub struct QrPicture {
    bytes: Vec<u8>,
    code: QrCode,
}

impl QrPicture {
    /// # Errors
    /// [`SdkError::TooLargeForQr`] beyond 2,331 bytes.
    pub fn new(bytes: Vec<u8>) -> SdkResult<Self> {
        let code = encode(&bytes).map_err(|_| SdkError::TooLargeForQr(bytes.len()))?;
        Ok(Self { bytes, code })
    }

    /// What a reader gets.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// An SVG document, dark on light whatever it stands on.
    pub fn to_svg(&self) -> String {
        self.code.render::<svg::Color>().module_dimensions(MODULE, MODULE).quiet_zone(true).build()
    }

    /// Lines for a terminal, two modules a character. Colours are set and not left to the terminal's theme: readers
    /// want dark on light.
    pub fn to_terminal(&self) -> String {
        let side = self.code.width() + 2 * QUIET_ZONE;
        let mut text = String::new();
        for y in (0..side).step_by(2) {
            text.push_str("\x1b[30;107m");
            text.extend((0..side).map(|x| match (self.is_dark(x, y), self.is_dark(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            }));
            text.push_str("\x1b[0m\n");
        }
        text
    }

    /// A module, the quiet zone included.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = QUIET_ZONE..QUIET_ZONE + self.code.width();
        inside.contains(&x) && inside.contains(&y) && self.code[(x - QUIET_ZONE, y - QUIET_ZONE)] == Color::Dark
    }
}

/// One segment in byte mode, in the smallest version: an encoder that chooses modes by itself would take digits and
/// letters of the address as text.
fn encode(bytes: &[u8]) -> Result<QrCode, QrError> {
    for version in 1..=40 {
        let version = Version::Normal(version);
        let mut bits = Bits::new(version);
        let pushed = bits.push_byte_data(bytes).and_then(|()| bits.push_terminator(CORRECTION));
        match pushed {
            Ok(()) => return QrCode::with_bits(bits, CORRECTION),
            Err(QrError::DataTooLong) => {}
            Err(error) => return Err(error),
        }
    }
    Err(QrError::DataTooLong)
}

impl std::fmt::Debug for QrPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QrPicture").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::QrPicture;

    /// What a reader makes of pixels: `true` is dark.
    fn read(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> Vec<u8> {
        const SCALE: usize = 6;
        let luma = |x: usize, y: usize| if is_dark(x / SCALE, y / SCALE) { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, luma);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "one code is found");
        let mut bytes = Vec::new();
        grids[0].decode_to(&mut bytes).unwrap();
        bytes
    }

    fn of_terminal(text: &str) -> (usize, Vec<Vec<bool>>) {
        let mut rows = Vec::new();
        for line in text.lines() {
            let cells = line.strip_prefix("\x1b[30;107m").unwrap().strip_suffix("\x1b[0m").unwrap();
            rows.push(cells.chars().map(|cell| matches!(cell, '▀' | '█')).collect::<Vec<_>>());
            rows.push(cells.chars().map(|cell| matches!(cell, '▄' | '█')).collect());
        }
        (rows[0].len(), rows)
    }

    /// The squares of the path `M{x} {y}h8v8H{x}V{y}` and the like, as pixels.
    fn of_svg(svg: &str) -> (usize, Vec<Vec<bool>>) {
        let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>();
        let width = number(svg.split_once("width=\"").unwrap().1).unwrap();
        let side = width / 8;
        let mut rows = vec![vec![false; side]; side];
        let path = svg.split_once(" d=\"").unwrap().1.split_once('"').unwrap().0;
        for square in path.split('M').filter(|square| !square.is_empty()) {
            let (x, rest) = square.split_once(' ').unwrap();
            rows[number(rest).unwrap() / 8][number(x).unwrap() / 8] = true;
        }
        (side, rows)
    }

    fn samples() -> [Vec<u8>; 4] {
        let binary: Vec<u8> = (0..=255).collect();
        let like_ours = [b"SOTTO\x01\x01".as_slice(), &[0xf0; 48], b"\x16https://chat.example1234567890ABC"].concat();
        [binary, like_ours, b"0123456789".to_vec(), vec![0; 330]]
    }

    #[test]
    fn both_pictures_read_back_to_the_same_bytes() {
        for bytes in samples() {
            let picture = QrPicture::new(bytes.clone()).unwrap();
            for (side, rows) in [of_terminal(&picture.to_terminal()), of_svg(&picture.to_svg())] {
                let quiet = (0..4).all(|at| !rows[at].iter().any(|dark| *dark) && !rows.iter().any(|row| row[at]));
                assert!(quiet, "four light modules around it");
                assert_eq!(read(side, |x, y| rows.get(y).is_some_and(|row| row[x])), bytes);
            }
            assert_eq!(picture.bytes(), bytes);
        }
    }

    #[test]
    fn bytes_are_never_taken_for_digits() {
        // 106 bytes fit into version 6 (41 modules); as digits 100 of them would take version 4.
        assert_eq!(QrPicture::new(vec![b'1'; 100]).unwrap().code.width(), 41);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(QrPicture::new(vec![7; 2_331]).is_ok());
        assert!(QrPicture::new(vec![7; 2_332]).is_err());
    }
}
