//! A code in a PNG, such as a screenshot.

use std::io::Cursor;

use png::{ColorType, Decoder, Transformations};

use super::{CodeError, scan};

/// Larger than any screen.
const MOST_PIXELS: usize = 50_000_000;

/// The code in the picture.
pub fn code(content: &[u8]) -> Result<Vec<u8>, CodeError> {
    let mut decoder = Decoder::new(Cursor::new(content));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let pixels = reader.output_buffer_size().filter(|bytes| *bytes <= MOST_PIXELS * 4).ok_or(CodeError::TooLarge)?;
    let mut buffer = vec![0; pixels];
    let frame = reader.next_frame(&mut buffer)?;
    let (width, height) = (frame.width as usize, frame.height as usize);
    let samples = frame.color_type.samples();
    let grey = move |x: usize, y: usize| {
        let at = y * frame.line_size + x * samples;
        luminance(frame.color_type, buffer.get(at..at + samples).unwrap_or_default())
    };
    scan(width, height, grey)
}

/// 0 is black; what is transparent lies on white.
fn luminance(color: ColorType, samples: &[u8]) -> u8 {
    let on_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u16::from(value), u16::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let grey = |r: u8, g: u8, b: u8| {
        u8::try_from((u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1000).unwrap_or(u8::MAX)
    };
    match (color, samples) {
        (ColorType::Rgba, [r, g, b, alpha]) => on_white(grey(*r, *g, *b), *alpha),
        (ColorType::Rgb, [r, g, b]) => grey(*r, *g, *b),
        (ColorType::GrayscaleAlpha, [value, alpha]) => on_white(*value, *alpha),
        (_, [value, ..]) => *value,
        (_, []) => u8::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::*, *};

    /// A PNG of the code, each module `scale` pixels wide.
    fn png(color: ColorType, pixel: impl Fn(bool) -> Vec<u8>) -> Vec<u8> {
        let (rows, scale) = (modules(CONTENT), 5);
        let size = rows.len() * scale;
        let dark = |at: usize| rows[at / size / scale][at % size / scale];
        let data: Vec<u8> = (0..size * size).flat_map(|at| pixel(dark(at))).collect();
        let mut file = Vec::new();
        let side = u32::try_from(size).unwrap();
        let mut encoder = png::Encoder::new(&mut file, side, side);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
        file
    }

    #[test]
    fn a_screenshot_is_read_in_colour_in_grey_and_on_transparent_ground() {
        let shade = |dark: bool| if dark { 10 } else { 240 };
        let rgb = png(ColorType::Rgb, |dark| vec![shade(dark), shade(dark), 200]);
        let grey = png(ColorType::Grayscale, |dark| vec![shade(dark)]);
        let clear = png(ColorType::Rgba, |dark| vec![0, 0, 0, if dark { 255 } else { 0 }]);
        for file in [rgb, grey, clear] {
            assert_eq!(code(&file).unwrap(), CONTENT);
        }
    }

    #[test]
    fn a_cut_off_picture_is_no_panic() {
        let file = png(ColorType::Grayscale, |dark| vec![u8::from(!dark) * 255]);
        for length in (8..file.len()).step_by(97) {
            assert!(code(&file[..length]).is_err());
        }
    }
}
