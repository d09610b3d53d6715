//! The one clean form of a text: what people paste is put right as far as it can be.
//!
//! | what comes | what is kept |
//! |---|---|
//! | letters in pieces, such as Hangul from a Mac | composed (NFC) |
//! | tab, no-break space and every other space | a plain space |
//! | CR LF, CR, U+2028 and every other line end | LF |
//! | a character that nobody can see | nothing, unless it shapes what stands before it |
//! | white space at both ends | nothing |
//!
//! What is left of control characters and of the marks that turn the direction of a text is for the
//! caller to refuse: see [`is_harmful`].

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, ExtendedPictographic, Script},
};
use unicode_normalization::UnicodeNormalization;

/// A text of one line. Spaces in a row become one.
pub(super) fn line(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in lines(text).chars() {
        if !(c == ' ' && cleaned.ends_with(' ')) {
            cleaned.push(c);
        }
    }
    cleaned
}

/// A text of several lines.
pub(super) fn lines(text: &str) -> String {
    let composed = plain(text).nfc().collect::<String>();
    // Composed once more: what stood between two pieces of a letter may be gone.
    let shaped = without_stray_joiners(&composed).nfc().collect::<String>();
    shaped.trim_matches([' ', '\n']).to_owned()
}

/// The text with plain spaces and plain line ends, and without what is invisible wherever it stands.
fn plain(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            _ if c.is_whitespace() => cleaned.push(' '),
            _ if is_dropped(c) => {}
            _ => cleaned.push(c),
        }
        after_return = c == '\r';
    }
    cleaned
}

/// Nothing is drawn for it, such as a zero width space or a Hangul filler (Unicode,
/// `Default_Ignorable_Code_Point`).
pub(crate) fn is_invisible(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Control characters and line ends, and the overrides that show a text in another order than it has:
/// nobody pastes them by accident, and a name with one could rewrite the line of a log or a mail.
pub(super) fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202d}' | '\u{202e}')
}

/// Whether it means nothing in a text, wherever it stands.
fn is_dropped(c: char) -> bool {
    match c {
        // Overrides are refused, not dropped; fillers count as letters of Hangul (names drop them).
        '\u{202d}' | '\u{202e}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => false,
        // Marks of programs that lay out text, and the place of an object that was not copied.
        '\u{fff9}'..='\u{fffc}' => true,
        _ => (is_invisible(c) && !may_shape(c)) || is_noncharacter(c),
    }
}

/// The last two code points of each plane and U+FDD0 to U+FDEF, which no text has (Unicode §23.7).
fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

/// Whether it can change how the character before it is drawn.
fn may_shape(c: char) -> bool {
    matches!(
        c,
        '\u{200c}' | '\u{200d}' // joiners: Persian, the scripts of India, emoji
        | '\u{180b}'..='\u{180d}' | '\u{180f}' // variants of Mongolian letters
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' // variants of everything else
        | '\u{e0020}'..='\u{e007f}' // tags: the flag of Scotland
    )
}

/// Drops each character that can shape another where there is none to shape.
fn without_stray_joiners(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        let before = kept.chars().next_back();
        if may_shape(c) && !before.is_some_and(|before| shapes(c, before)) {
            continue;
        }
        if matches!(c, ' ' | '\n') {
            drop_joiner_at_the_end(&mut kept);
        }
        kept.push(c);
    }
    drop_joiner_at_the_end(&mut kept);
    kept
}

fn drop_joiner_at_the_end(text: &mut String) {
    if text.ends_with(['\u{200c}', '\u{200d}']) {
        text.pop();
    }
}

fn shapes(c: char, before: char) -> bool {
    let script = script_of(before);
    let is_emoji = CodePointSetData::new::<ExtendedPictographic>().contains(before);
    match c {
        '\u{200c}' | '\u{200d}' => {
            is_emoji || matches!(before, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') || has_joining_letters(script)
        }
        '\u{180b}'..='\u{180d}' | '\u{180f}' => script == Script::Mongolian,
        '\u{e0100}'..='\u{e01ef}' => script == Script::Han,
        '\u{e0020}'..='\u{e007f}' => matches!(before, '\u{1f3f4}' | '\u{e0020}'..='\u{e007e}'),
        // U+FE00 to U+FE0F.
        _ => {
            let has_variants = is_emoji || script == Script::Han || !before.is_alphabetic();
            has_variants && !before.is_whitespace() && !is_invisible(before)
        }
    }
}

/// Whether a joiner can show between letters of the script. It cannot between those that most people
/// here write in, where it only serves to make one word look like another.
fn has_joining_letters(script: Script) -> bool {
    !super::name::is_of_our_keyboards(script)
        && ![
            Script::Common,
            Script::Inherited,
            Script::Cyrillic,
            Script::Greek,
            Script::Armenian,
            Script::Georgian,
            Script::Hebrew,
        ]
        .contains(&script)
}

pub(super) fn script_of(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

/// An address or a number on its way out of a mail, a page or a telephone: without what is invisible
/// (direction marks included), full-width letters and signs as plain ones, each space as a plain one.
pub(crate) fn ascii(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            // U+FF01 to U+FF5E stand for U+0021 to U+007E, in that order.
            '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
            // As telephones and word processors write dashes.
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
            _ if c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') => ' ',
            _ => c,
        })
        .nfc()
        .collect::<String>()
        .trim()
        .to_owned()
}
