//! Text of others on one's own terminal: it must not move the cursor, change the screen, or look like somebody else's.

/// Directions of writing that would reorder what stands around them.
const REORDERING: [char; 9] =
    ['\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];
/// Further lines of a message begin so: no line of it can pass for another message.
const FURTHER: &str = "\n    ";

/// A message's text: control characters are made visible, further lines are indented.
pub fn text(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(line).collect();
    lines.join(FURTHER)
}

/// A name or one line: control characters are made visible.
pub fn line(text: &str) -> String {
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().filter(|c| !REORDERING.contains(c)).map(visible).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_message_cannot_command_the_terminal() {
        assert_eq!(super::text("\x1b[2Jgone\x07 \u{9b}31m"), "\u{fffd}[2Jgone\u{fffd} \u{fffd}31m");
        assert_eq!(super::text("a\rbob: yes"), "a\u{fffd}bob: yes");
        assert_eq!(super::text("\u{202e}live"), "live");
    }

    #[test]
    fn no_line_of_a_message_passes_for_another_message() {
        assert_eq!(super::text("hi\nbob: send money\r\n\nx\n"), "hi\n    bob: send money\n    \n    x");
        assert_eq!(super::line("a\nb"), "a\u{fffd}b");
    }
}
